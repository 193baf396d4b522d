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
	NARROWED: 'was granted fewer scopes',
	PENDING: 'got a token that Redis does not have yet',
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
	for (const id of ['user-call', 'user-expire', 'race']) {
		byId(id).disabled = !loggedIn;
		byId(id).title = loggedIn ? '' : 'Log in first';
	}
}

function show(panel) {
	const now = new Date(panel.now);
	if (changed('header', [panel.instance, panel.instances, panel.user])) {
		showHeader(panel);
	}
	const newest = (client, principal) => panel.tokens.find((token) => token.client === client && token.principal === principal);
	showToken('user-token', newest('demo-web', panel.user), now, panel.user ? 'No token lately.' : 'Log in to get a token.');
	showToken('service-token', newest('demo-service', 'demo-service'), now, 'No token lately. The first call gets one.');

	if (changed('requests', panel.requests)) {
		const counts = Object.entries(panel.totals).sort().map(([client, count]) => `${count} by ${client}`);
		byId('totals').textContent = counts.length ? `Since its start: ${counts.join(', ')}.` : 'None yet.';
		rows('requests', 5, panel.requests, (entry) => entry.request.number, ({ request, instance }) => [
			element('td', 'time', time(request.received)),
			element('td', 'nowrap', request.client),
			element('td', 'nowrap', request.grantType.replaceAll('_', ' ')),
			element('td', `nowrap ${request.status < 400 ? 'good' : 'bad'}`, request.status < 400 ? 'issued' : `refused (${request.status})`),
			element('td', '', badge(instance)),
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
	notice(panel.problems.length ? panel.problems.join(' ') : null);
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

function stat(id, value, verdict) {
	byId(id).textContent = value;
	byId(id).className = verdict ?? '';
}

function showRace(race) {
	const requests = race.requestsAfter - race.requestsBefore;
	stat('race-failures', race.failures, race.failures === 0 ? 'good' : 'bad');
	stat('race-tokens', race.tokens.length);
	stat('race-requests', requests, requests <= 1 ? 'good' : 'bad');
	stat('race-elapsed', race.elapsedMillis);
	const counter = `The server's count went from ${race.requestsBefore} to ${race.requestsAfter}. `;
	result('race-result', '', counter, race.failures ? race.reasons.join(' ') : 'Accepted: ',
		...(race.failures ? [] : race.tokens.map((token) => element('code', '', `${token} `))));
}

const ACTIONS = {
	'user-call': (answer) => result('user-result', 'good', `${answer.message} The API got `, element('code', '', answer.token), '.'),
	'service-call': (answer) => result('service-result', 'good', `${answer.message} The API got `, element('code', '', answer.token), '.'),
	'user-expire': () => result('user-result', '', 'The server lets the token live two more seconds.'),
	'service-expire': () => result('service-result', '', 'The server lets the token live two more seconds.'),
	'race': showRace,
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

live();
