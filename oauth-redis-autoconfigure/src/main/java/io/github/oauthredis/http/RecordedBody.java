package io.github.oauthredis.http;

import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.web.reactive.function.BodyInserter;
import reactor.core.publisher.Mono;

/**
 * Remembers the body of a request while it is written, so that it can be written again
 * byte for byte. The caller's publisher is never subscribed to for a repeat, for it may
 * give its elements once or others the second time. Only a body that Spring writes as one
 * buffer (values, forms, JSON documents) of at most {@link #LIMIT} bytes is remembered; a
 * stream is not. Thread-safe for one exchange at a time.
 */
final class RecordedBody {

	static final int LIMIT = 1024 * 1024;

	private final BodyInserter<?, ? super ClientHttpRequest> source;

	private volatile byte @Nullable [] bytes;

	private volatile HttpHeaders contentHeaders = HttpHeaders.EMPTY;

	RecordedBody(BodyInserter<?, ? super ClientHttpRequest> source) {
		this.source = source;
	}

	/**
	 * Tell whether the body is known.
	 * @return whether {@link #replay} can write it
	 */
	boolean isReplayable() {
		return this.bytes != null;
	}

	Mono<Void> record(ClientHttpRequest request, BodyInserter.Context context) {
		this.bytes = null;
		return this.source.insert(RecordingRequest.of(request, this), context);
	}

	Mono<Void> replay(ClientHttpRequest request) {
		byte[] body = this.bytes;
		if (body == null) {
			return Mono.error(() -> new IllegalStateException("This body is not known"));
		}
		if (body.length == 0) {
			return request.setComplete();
		}
		this.contentHeaders.forEach(request.getHeaders()::putIfAbsent);
		return request.writeWith(Mono.fromSupplier(() -> request.bufferFactory().wrap(body)));
	}

	/**
	 * Remember the whole body, just before it is sent.
	 * @param buffer the body; null if it is empty
	 * @param headers headers as its writer left them
	 */
	void remember(@Nullable DataBuffer buffer, HttpHeaders headers) {
		int length = (buffer != null) ? buffer.readableByteCount() : 0;
		if (length > LIMIT) {
			return;
		}
		HttpHeaders content = new HttpHeaders();
		headers.forEach((name, values) -> {
			if (name.regionMatches(true, 0, "Content-", 0, 8)) {
				content.addAll(name, values);
			}
		});
		byte[] copy = new byte[length];
		if (buffer != null) {
			buffer.toByteBuffer(ByteBuffer.wrap(copy));
		}
		this.contentHeaders = content;
		this.bytes = copy;
	}

}
