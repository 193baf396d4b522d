'use strict';

const LIFETIME = 60_000;

const EVENTS = {
	OBTAINED: 'obtained a token',
	REFRESHED: 'refreshed the token',
	ADOPTED: 'took the newer token from Redis',
	REFUSED: 'heard that the token was refused',
	FAILED: 'got no token',
	DEAD: 'learned that the grant has ended',
	SAVED: 'stored the tokens of a login',
	REMOVED: 'removed the tokens',
	SET_ASIDE: 'set a damaged record aside',
	STALE: 'refused an older record',
	LOCKED: 'does not know the key of a record',
	REPAIRED: 'put back what Redis had lost',
	DISCARDED: 'got tokens that are not needed any more',
	NARROWED: 'was granted fewer scopes',
	PENDING: 'got a token that Redis does not have yet',
	UNREPLICATED: 'stored tokens that too few replicas have',
	CIRCUIT_OPEN: 'leaves the failing server alone',
	CIRCUIT_CLOSED: 'found the server working again',
	REDIS_AWAY: 'lost Redis and uses what it has',
	REDIS_BACK: 'found Redis answering again',
	REVOKED: 'revoked tokens',
	REVOCATION_SENT: 'told the server of a revocation',
	REVOCATION_FAILED: 'could not tell the server of a revocation',
	STALE_SERVED: 'used what it had while Redis was away',
	RESEALED: 'sealed tokens with the newer key',
	CLIENT_SECRET_CHANGED: 'uses another client secret',
	DENIED: 'denied a caller the token',
	FAMILY_LOST: 'lost a grant that was just renewed',
	FOREIGN_ROTATION: 'suspects that somebody else renewed the token',
	REFUSED_OFTEN: 'heard unusually often that a token was refused',
	SIGNAL_RECEIVED: 'heard from the server of a logout',
	SIGNAL_REJECTED: 'did not believe a report of a logout',
};

const byId = (id) => document.getElementById(id);

function element(name, className, ...children) {
	const created = document.createElement(name);
	if (className) {
		created.className = className;
	}
	created.append(...children.filter((child) => child !== null));
	return created;
}

const name = (instance) => instance.replace('instance-', 'Instance ');
const badge = (instance) => element('span', `badge ${instance ?? ''}`, instance ? name(instance) : 'not reported');
const askedBy = (request, instance) => request.client === 'demo-stock' ? element('span', 'badge', 'Spring alone') : badge(instance);
const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
const time = (instant) => new Date(instant).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

function duration(millis) {
	const seconds = Math.max(0, Math.ceil(millis / 1000));
	if (seconds < 120) {
		return `${seconds} s`;
	}
	const minutes = Math.round(seconds / 60);
	if (minutes < 120) {
		return `${minutes} min`;
	}
	const hours = Math.round(minutes / 60);
	return hours < 72 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

function took(millis) {
	return millis < 1000 ? `${millis}\u00a0ms` : `${(millis / 1000).toFixed(1)}\u00a0s`;
}

function generation(value) {
	const text = String(value);
	const shown = element('span', 'mono', text.length > 7 ? `…${text.slice(-7)}` : text);
	shown.title = text;
	return shown;
}

/* What is shown */

const known = new Map();

function rows(id, columns, items, keyOf, cellsOf) {
	const before = known.get(id);
	const after = new Set();
	const created = items.map((item) => {
		const key = keyOf(item);
		after.add(key);
		return element('tr', before && !before.has(key) ? 'new' : '', ...cellsOf(item));
	});
	known.set(id, after);
	if (created.length === 0) {
		const cell = element('td', 'none', 'Nothing yet.');
		cell.colSpan = columns;
		created.push(element('tr', '', cell));
	}
	byId(id).replaceChildren(...created);
}

function changed(id, value) {
	const text = JSON.stringify(value);
	if (known.get(`${id}-text`) === text) {
		return false;
	}
	known.set(`${id}-text`, text);
	return true;
}

function showToken(id, token, now, missing) {
	const place = byId(id);
	place.className = 'token';
	const track = element('span', '');
	if (!token) {
		track.style.width = '0';
		place.replaceChildren(element('div', 'token-line', element('span', '', missing)), element('div', 'track', track));
		return;
	}
	const left = new Date(token.expiresAt) - now;
	if (left <= 0) {
		place.classList.add('ended');
	}
	else if (token.cut) {
		place.classList.add('cut');
	}
	const life = left <= 0 ? (token.cut ? 'refused by the API' : 'ended') : `${duration(left)} left`;
	const track0 = place.querySelector('.track span');
	track.style.width = track0 ? track0.style.width : '0';
	place.replaceChildren(
		element('div', 'token-line',
			element('span', '', 'Current token ', element('code', '', token.digest)),
			element('span', 'life', life)),
		element('div', 'track', track));
	requestAnimationFrame(() => track.style.width = `${Math.min(100, Math.max(0, left / LIFETIME * 100))}%`);
}

function showHeader(panel) {
	document.documentElement.dataset.instance = panel.instance;
	document.title = `${name(panel.instance)} · OAuth Redis sample`;
	const links = Object.keys(panel.instances).sort().map((instance) => {
		const link = element('a', '', name(instance));
		link.href = panel.instances[instance];
		if (instance === panel.instance) {
			link.setAttribute('aria-current', 'page');
		}
		else {
			byId('other').href = link.href;
		}
		return link;
	});
	byId('instances').replaceChildren(...links);
	const loggedIn = panel.user !== null;
	byId('log-in').hidden = loggedIn;
	byId('log-out').hidden = !loggedIn;
	byId('user').hidden = !loggedIn;
	byId('user').replaceChildren('Logged in as ', element('b', '', panel.user ?? ''));
	if (!byId('outage-seconds').hasChildNodes()) {
		const length = panel.outageSeconds + 3;
		showSeconds(Array.from({ length }, (_, i) => ({ redisStopped: i > 0 && i <= panel.outageSeconds, calls: { count: 0, failures: 0 } })));
	}
	byId('outage').textContent = `Stop Redis for ${panel.outageSeconds} s`;
	byId('outage-demo').hidden = panel.outageSeconds === 0;
	byId('outage-none').hidden = panel.outageSeconds !== 0;
	state.loggedIn = loggedIn;
	enableButtons();
}

/* Only one demonstration at a time, because each would disturb what the others show. */
const state = { loggedIn: false, demo: false };

function enableButtons() {
	for (const id of ['user-call', 'user-expire', 'user-revoke', 'ours-race', 'stock-race', 'outage']) {
		byId(id).disabled = !state.loggedIn || state.demo;
		byId(id).title = state.loggedIn ? '' : 'Log in first';
	}
}

async function demonstrate(id, steps) {
	if (state.demo) {
		return;
	}
	state.demo = true;
	enableButtons();
	try {
		await steps();
	}
	catch (error) {
		result(id, 'bad', error.message);
	}
	finally {
		state.demo = false;
		enableButtons();
	}
}

function show(panel) {
	const now = new Date(panel.now);
	if (changed('header', [panel.instance, panel.instances, panel.user, panel.outageSeconds])) {
		showHeader(panel);
	}
	const newest = (client, principal) => panel.tokens.find((token) => token.client === client && token.principal === principal);
	showToken('user-token', newest('demo-web', panel.user), now, panel.user ? 'No token lately.' : 'Log in to get a token.');
	showToken('service-token', newest('demo-service', 'demo-service'), now, 'No token lately. The first call gets one.');

	notice(panel.problems.length && !state.demo ? panel.problems.join(' ') : null);
	if (panel.problems.length) {
		// What was seen last stays on the page.
		return;
	}
	if (changed('requests', panel.requests)) {
		const counts = Object.entries(panel.totals).sort().map(([client, count]) => `${count} by ${client}`);
		byId('totals').textContent = counts.length ? `Since its start: ${counts.join(', ')}.` : 'None yet.';
		rows('requests', 5, panel.requests, (entry) => entry.request.number, ({ request, instance }) => [
			element('td', 'time', time(request.received)),
			element('td', 'nowrap', request.client),
			element('td', 'nowrap', request.grantType.replaceAll('_', ' ')),
			element('td', `nowrap ${request.status < 400 ? 'good' : 'bad'}`, request.status < 400 ? 'issued' : `refused (${request.status})`),
			element('td', '', askedBy(request, instance)),
		]);
	}
	if (changed('events', panel.events)) {
		rows('events', 5, panel.events, (event) => `${event.time}${event.instance}${event.type}`, (event) => [
			element('td', 'time', time(event.time)),
			element('td', '', badge(event.instance)),
			element('td', 'nowrap', event.registration),
			element('td', '', EVENTS[event.type] ?? event.type, event.detail ? ` (${event.detail})` : null),
			element('td', 'nowrap', event.generation ? generation(event.generation) : '–'),
		]);
	}
	rows('keys', 4, panel.keys, (entry) => entry.key, (entry) => [
		element('td', 'key', entry.key),
		element('td', 'nowrap', entry.generation ? generation(entry.generation) : '–'),
		element('td', 'nowrap', entry.ttlMillis > 0 ? duration(entry.ttlMillis) : '–'),
		element('td', 'sealed', entry.sealed ? `${entry.sealed}… ` : '–', entry.sealed ? element('span', 'badge', `${entry.sealedBytes} bytes`) : null),
	]);
}

function notice(text) {
	byId('notice').hidden = text === null;
	byId('notice').textContent = text ?? '';
}

/* What is asked */

async function poll() {
	try {
		const response = await fetch('/panel', { cache: 'no-store' });
		if (!response.ok) {
			throw new Error(`status ${response.status}`);
		}
		show(await response.json());
	}
	catch (error) {
		notice(`This instance does not answer (${error.message}). Is the sample still running?`);
	}
}

async function live() {
	if (!document.hidden) {
		await poll();
	}
	setTimeout(live, 1000);
}

async function csrf() {
	return (await fetch('/csrf', { cache: 'no-store' })).json();
}

async function post(path) {
	const { headerName, token } = await csrf();
	const response = await fetch(path, { method: 'POST', headers: { [headerName]: token }, redirect: 'manual' });
	if (response.type === 'opaqueredirect') {
		// Spring Security wants a new login, here or at the server.
		location.assign('/oauth2/authorization/demo-web');
		throw new Error('A new login is needed.');
	}
	const text = await response.text();
	const body = text ? JSON.parse(text) : {};
	if (!response.ok) {
		throw new Error(body.detail ?? `The instance answered ${response.status}.`);
	}
	return body;
}

function result(id, kind, ...content) {
	byId(id).className = `result ${kind}`;
	byId(id).replaceChildren(...content);
}

function stat(id, value, verdict, note) {
	byId(id).replaceChildren(value, note ? element('small', '', note) : '');
	byId(id).className = verdict ?? '';
}

const errors = (reasons) => reasons.map((reason) => element('code', 'error', reason));

/* The race */

function showRace(side, race) {
	const requests = race.requestsAfter - race.requestsBefore;
	const { count, failures, reasons, medianMillis, slowestMillis } = race.calls;
	stat(`${side}-requests`, requests, requests <= 1 ? 'good' : 'bad');
	stat(`${side}-failures`, failures, failures === 0 ? 'good' : 'bad');
	stat(`${side}-login`, race.loginKept ? 'kept' : 'lost', race.loginKept ? 'good' : 'bad');
	stat(`${side}-median`, took(medianMillis), '', failures * 2 > count ? 'to an error' : null);
	stat(`${side}-slowest`, took(slowestMillis));
	const who = side === 'ours' ? 'OAuth Redis: ' : 'Spring Security alone: ';
	if (failures === 0 && race.loginKept) {
		result(`${side}-result`, 'good', who, requests === 1
			? `one caller refreshed the token for all ${count}, and no call failed.`
			: 'no call failed.');
		return;
	}
	result(`${side}-result`, 'bad', who, `${requests} callers presented the same refresh token, which works once. `,
		race.loginKept ? 'The login survived this time. ' : 'The refused ones made the application forget the login: the user has to log in again. ',
		...errors(reasons));
}

async function race(side, path) {
	result(`${side}-result`, '', 'The server ends the token in two seconds…');
	await post(`${path}/expire`);
	await wait(2200);
	result(`${side}-result`, '', '100 calls…');
	const outcome = await post(`${path}/race`);
	sessionStorage.setItem(`${side}-race`, JSON.stringify(outcome));
	showRace(side, outcome);
}

byId('ours-race').addEventListener('click', () => demonstrate('ours-result', () => race('ours', '/user')));

/* Each run with Spring Security alone starts with a login of its own: to the server, which knows the user, and back to '/#stock'. */
byId('stock-race').addEventListener('click', () => location.assign('/stock/authorization/demo-stock'));

async function raceAfterStockLogin() {
	history.replaceState(null, '', '/');
	byId('race-panel').scrollIntoView();
	const ours = sessionStorage.getItem('ours-race');
	if (ours) {
		showRace('ours', JSON.parse(ours));
	}
	await demonstrate('stock-result', () => race('stock', '/stock'));
}

/* The outage */

const HIGHEST = 5000;

function showSeconds(seconds) {
	byId('outage-seconds').replaceChildren(...seconds.map(({ redisStopped, calls }) => {
		const bar = element('i', '');
		bar.style.height = calls.count ? `${Math.min(85, 3 + 82 * Math.log(1 + calls.slowestMillis) / Math.log(1 + HIGHEST))}%` : '0';
		const label = calls.failures ? `${calls.failures}✕` : calls.count ? took(calls.slowestMillis).replace(/\sms|\s/, '') : '';
		return element('div', `${redisStopped ? 'stopped' : ''} ${calls.failures ? 'failed' : ''}`, element('span', '', label), bar);
	}));
}

function showOutage({ running, second, seconds, calls, waiting, problem }) {
	showSeconds(seconds);
	stat('outage-calls', calls.count);
	stat('outage-failures', calls.failures, calls.failures === 0 ? 'good' : 'bad');
	stat('outage-median', took(calls.medianMillis));
	stat('outage-slowest', took(calls.slowestMillis));
	const length = seconds.filter((each) => each.redisStopped).length;
	const waits = waiting > 1 ? `, ${waiting} callers wait` : '';
	if (problem) {
		result('outage-result', 'bad', `Redis could not be stopped: ${problem}`);
	}
	else if (running) {
		const stopped = seconds[second]?.redisStopped;
		const left = seconds.slice(second).filter((each) => each.redisStopped).length;
		result('outage-result', '', (stopped ? `Redis is stopped, ${left} s left` : left ? 'Redis answers' : 'Redis is back') + waits + '.');
	}
	else {
		result('outage-result', calls.failures ? 'bad' : 'good', 'What callers noticed: ', calls.failures
			? `${calls.failures} of ${calls.count} calls failed. `
			: `nothing. Redis was away for ${length} s, none of ${calls.count} calls failed, and the slowest took ${took(calls.slowestMillis)}.`, ...errors(calls.reasons));
	}
}

async function followOutage(report) {
	showOutage(report);
	while (report.running) {
		await wait(250);
		report = await outage();
		showOutage(report);
	}
}

async function outage() {
	const text = await (await fetch('/user/outage', { cache: 'no-store' })).text();
	return text ? JSON.parse(text) : null;
}

byId('outage').addEventListener('click', () => demonstrate('outage-result', async () => {
	result('outage-result', '', '…');
	await followOutage(await post('/user/outage'));
}));

const ACTIONS = {
	'user-call': (answer) => result('user-result', 'good', `${answer.message} The API got `, element('code', '', answer.token), '.'),
	'service-call': (answer) => result('service-result', 'good', `${answer.message} The API got `, element('code', '', answer.token), '.'),
	'user-expire': () => result('user-result', '', 'The server lets the token live two more seconds.'),
	'service-expire': () => result('service-result', '', 'The server lets the token live two more seconds.'),
	'user-revoke': () => result('user-result', '', 'Revoked on all instances, and at the server. The next call asks for a new login.'),
	'service-revoke': () => result('service-result', '', 'Revoked on all instances, and at the server. The next call gets a new token.'),
};

function runOnClick(id, onAnswer) {
	const button = byId(id);
	const place = `${id.split('-')[0]}-result`;
	button.addEventListener('click', async () => {
		if (button.ariaBusy === 'true') {
			return;
		}
		button.ariaBusy = 'true';
		result(place, '', '…');
		try {
			onAnswer(await post(button.dataset.post));
		}
		catch (error) {
			result(place, 'bad', error.message);
		}
		finally {
			button.ariaBusy = 'false';
			await poll();
		}
	});
}

Object.entries(ACTIONS).forEach(([id, onAnswer]) => runOnClick(id, onAnswer));

byId('log-out').addEventListener('submit', async (event) => {
	event.preventDefault();
	const form = event.target;
	form.elements._csrf.value = (await csrf()).token;
	form.submit();
});

async function start() {
	await live();
	if (!state.loggedIn) {
		return;
	}
	if (location.hash === '#stock') {
		await raceAfterStockLogin();
		return;
	}
	const report = await outage();
	if (report) {
		await demonstrate('outage-result', () => followOutage(report));
	}
}

start();
