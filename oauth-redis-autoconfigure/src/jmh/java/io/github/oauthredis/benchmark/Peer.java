package io.github.oauthredis.benchmark;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import org.springframework.core.io.ClassPathResource;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.JdbcOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;

/**
 * A manager and the service it works with: the starter's, or Spring Security's own, put
 * together as its reference documentation does.
 *
 * @param manager what is measured
 * @param service where its clients come from
 * @param users the registration of users
 * @param resource closed at the end
 */
record Peer(OAuth2AuthorizedClientManager manager, OAuth2AuthorizedClientService service, ClientRegistration users,
		AutoCloseable resource) implements AutoCloseable {

	/** Nobody is asked for a token where none ends. */
	static final String TOKEN_URI = "http://127.0.0.1:1/token";

	/** Where {@code stock-postgres} finds its database. */
	static final String POSTGRES_URL = "BENCHMARK_POSTGRES_URL";

	private static final String SCHEMA = "org/springframework/security/oauth2/client/";

	/**
	 * Put a peer together.
	 * @param name which one
	 * @param redisPort a Redis of its own
	 * @param tokenUri token endpoint
	 * @param lead how long before their end tokens are renewed by stock
	 */
	static Peer open(String name, int redisPort, String tokenUri, Duration lead) {
		ClientRegistrationRepository registrations = new InMemoryClientRegistrationRepository(
				Samples.registrations(tokenUri));
		return switch (name) {
			case "ours" -> of(Ours.start(redisPort, tokenUri, Map.of()));
			case "ours-redis" -> of(Ours.startWithoutNearCache(redisPort, tokenUri));
			case "bare-get" -> bareGet(redisPort);
			case "stock-memory" ->
				stock(registrations, new InMemoryOAuth2AuthorizedClientService(registrations), lead, () -> {
				});
			case "stock-h2" -> jdbc(registrations, "jdbc:h2:mem:", "oauth2-client-schema.sql", lead);
			case "stock-postgres" ->
				jdbc(registrations, System.getenv(POSTGRES_URL), "oauth2-client-schema-postgres.sql", lead);
			case "stock-redis" -> {
				LettuceConnectionFactory connections = new LettuceConnectionFactory("127.0.0.1", redisPort);
				connections.afterPropertiesSet();
				connections.start();
				yield stock(registrations, new JsonRedisAuthorizedClientService(new StringRedisTemplate(connections)),
						lead, connections::destroy);
			}
			default -> throw new IllegalArgumentException(name);
		};
	}

	private static Peer of(Ours ours) {
		return new Peer(ours.manager(), ours.service(), ours.users(), ours);
	}

	private static Peer stock(ClientRegistrationRepository registrations, OAuth2AuthorizedClientService service,
			Duration lead, AutoCloseable resource) {
		AuthorizedClientServiceOAuth2AuthorizedClientManager manager = new AuthorizedClientServiceOAuth2AuthorizedClientManager(
				registrations, service);
		manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
			.refreshToken((refreshToken) -> refreshToken.clockSkew(lead))
			.clientCredentials((clientCredentials) -> clientCredentials.clockSkew(lead))
			.build());
		return new Peer(manager, service, registrations.findByRegistrationId(Samples.USERS), resource);
	}

	private static Peer jdbc(ClientRegistrationRepository registrations, String url, String schema, Duration lead) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(url);
		HikariDataSource pool = new HikariDataSource(config);
		createTable(pool, schema);
		return stock(registrations, new JdbcOAuth2AuthorizedClientService(new JdbcTemplate(pool), registrations), lead,
				pool);
	}

	private static void createTable(DataSource pool, String schema) {
		new JdbcTemplate(pool).execute("DROP TABLE IF EXISTS oauth2_authorized_client");
		new ResourceDatabasePopulator(new ClassPathResource(SCHEMA + schema)).execute(pool);
	}

	/** Reads the bytes of one of our records, and does nothing with them. */
	private static Peer bareGet(int redisPort) {
		byte[] copy = "copy".getBytes(StandardCharsets.US_ASCII);
		RedisClient client = RedisClient.create(RedisURI.create("127.0.0.1", redisPort));
		RedisCommands<byte[], byte[]> commands = client.connect(ByteArrayCodec.INSTANCE).sync();
		Ours ours = Ours.startWithoutNearCache(redisPort, TOKEN_URI);
		ours.save(Samples.freshGrant(ours.users(), "alice"));
		ByteArrayOutputStream record = new ByteArrayOutputStream();
		commands.hvals(commands.keys(Ours.KEY_PREFIX + ":*:token").get(0)).forEach(record::writeBytes);
		commands.set(copy, record.toByteArray());
		return new Peer((request) -> {
			commands.get(copy);
			return null;
		}, ours.service(), ours.users(), () -> {
			ours.close();
			client.shutdown();
		});
	}

	void save(OAuth2AuthorizedClient client) {
		this.service.saveAuthorizedClient(client, Samples.user(client.getPrincipalName()));
	}

	@Override
	public void close() throws Exception {
		this.resource.close();
	}

}
