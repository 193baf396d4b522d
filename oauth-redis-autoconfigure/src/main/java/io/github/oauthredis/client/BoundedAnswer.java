package io.github.oauthredis.client;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.util.StreamUtils;

/**
 * An answer whose body ends in an error after a number of bytes, so that no server can
 * fill the memory. Used by one thread.
 */
final class BoundedAnswer implements ClientHttpResponse {

	private final ClientHttpResponse delegate;

	private final int limit;

	private @Nullable BoundedStream body;

	private BoundedAnswer(ClientHttpResponse delegate, int limit) {
		this.delegate = delegate;
		this.limit = limit;
	}

	/**
	 * Bound every answer of a client.
	 * @param limit largest number of bytes
	 * @return what the client has to ask
	 */
	static ClientHttpRequestInterceptor interceptor(int limit) {
		return (HttpRequest request, byte[] body,
				ClientHttpRequestExecution execution) -> new BoundedAnswer(execution.execute(request, body), limit);
	}

	@Override
	public HttpStatusCode getStatusCode() throws IOException {
		return this.delegate.getStatusCode();
	}

	@Override
	public String getStatusText() throws IOException {
		return this.delegate.getStatusText();
	}

	@Override
	public HttpHeaders getHeaders() {
		return this.delegate.getHeaders();
	}

	@Override
	public InputStream getBody() throws IOException {
		if (this.body == null) {
			this.body = new BoundedStream(this.delegate.getBody(), this.limit);
		}
		return this.body;
	}

	/**
	 * The delegate reads to the end before it closes; an endless body is cut off first.
	 */
	@Override
	public void close() {
		try {
			InputStream bounded = getBody();
			try {
				StreamUtils.drain(bounded);
			}
			catch (IOException ex) {
				bounded.close();
			}
		}
		catch (IOException ex) {
			// It is of no use any more.
		}
		this.delegate.close();
	}

	/**
	 * The body is longer than any token answer.
	 */
	static final class TooLongException extends IOException {

		private static final long serialVersionUID = 1L;

		TooLongException() {
			super("The answer of the token endpoint is too long");
		}

	}

	private static final class BoundedStream extends FilterInputStream {

		private int left;

		BoundedStream(InputStream in, int limit) {
			super(in);
			this.left = limit;
		}

		@Override
		public int read() throws IOException {
			int read = super.read();
			count((read != -1) ? 1 : 0);
			return read;
		}

		@Override
		public int read(byte[] target, int offset, int length) throws IOException {
			int read = super.read(target, offset, length);
			count(read);
			return read;
		}

		@Override
		public long skip(long n) throws IOException {
			long skipped = super.skip(Math.min(n, this.left + 1L));
			count((int) skipped);
			return skipped;
		}

		@Override
		public boolean markSupported() {
			return false;
		}

		private void count(int read) throws IOException {
			this.left -= Math.max(read, 0);
			if (this.left < 0) {
				throw new TooLongException();
			}
		}

	}

}
