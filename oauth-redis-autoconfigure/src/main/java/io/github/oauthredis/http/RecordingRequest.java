package io.github.oauthredis.http;

import java.nio.file.Path;

import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpRequestDecorator;
import reactor.core.publisher.Mono;

/**
 * Shows a {@link RecordedBody} what is written. Thread-safety is that of the request.
 */
class RecordingRequest extends ClientHttpRequestDecorator {

	private final RecordedBody body;

	private RecordingRequest(ClientHttpRequest request, RecordedBody body) {
		super(request);
		this.body = body;
	}

	static ClientHttpRequest of(ClientHttpRequest request, RecordedBody body) {
		return (request instanceof ZeroCopyHttpOutputMessage) ? new ZeroCopy(request, body)
				: new RecordingRequest(request, body);
	}

	@Override
	public Mono<Void> writeWith(Publisher<? extends DataBuffer> content) {
		return super.writeWith((content instanceof Mono<? extends DataBuffer> single)
				? single.doOnSuccess((buffer) -> this.body.remember(buffer, getHeaders())) : content);
	}

	@Override
	public Mono<Void> setComplete() {
		this.body.remember(null, getHeaders());
		return super.setComplete();
	}

	/**
	 * Lets files still be sent by the operating system.
	 */
	private static final class ZeroCopy extends RecordingRequest implements ZeroCopyHttpOutputMessage {

		private final ZeroCopyHttpOutputMessage message;

		private ZeroCopy(ClientHttpRequest request, RecordedBody body) {
			super(request, body);
			this.message = (ZeroCopyHttpOutputMessage) request;
		}

		@Override
		public Mono<Void> writeWith(Path file, long position, long count) {
			return this.message.writeWith(file, position, count);
		}

	}

}
