package io.github.oauthredis.crypto;

import java.text.ParseException;
import java.util.List;
import java.util.Map;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import org.jspecify.annotations.Nullable;
import org.springframework.vault.core.VaultKeyValueOperations;
import org.springframework.vault.core.VaultKeyValueOperationsSupport.KeyValueBackend;
import org.springframework.vault.core.VaultOperations;
import org.springframework.vault.support.VaultResponse;

/**
 * Sealing keys from a secret in Vault's key-value store, version 2: a field {@code jwks}
 * that holds a JWK Set. An example to copy, see {@code docs/keys.md}.
 */
final class VaultJwkSource implements JWKSource<SecurityContext> {

	private final VaultKeyValueOperations secrets;

	private final String path;

	VaultJwkSource(VaultOperations vault, String mount, String path) {
		this.secrets = vault.opsForKeyValue(mount, KeyValueBackend.KV_2);
		this.path = path;
	}

	@Override
	public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) throws KeySourceException {
		VaultResponse response = this.secrets.get(this.path);
		Map<String, Object> secret = (response != null) ? response.getData() : null;
		if (secret == null || !(secret.get("jwks") instanceof String jwks)) {
			throw new KeySourceException("The secret has no field 'jwks'");
		}
		try {
			return selector.select(JWKSet.parse(jwks));
		}
		catch (ParseException ex) {
			throw new KeySourceException("Field 'jwks' is not a JWK Set");
		}
	}

}
