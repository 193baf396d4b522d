package io.github.oauthredis.autoconfigure;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * A bean, or something made of one, that is looked up when first needed. Takes no lock,
 * because that may be on an event loop; threads that come together look it up more than
 * once. Thread-safe.
 *
 * @param <T> type of the bean
 */
final class LazyBean<T> implements Supplier<T> {

	private final Supplier<T> source;

	private volatile @Nullable T bean;

	LazyBean(Supplier<T> source) {
		this.source = source;
	}

	@Override
	public T get() {
		T bean = this.bean;
		if (bean == null) {
			bean = this.source.get();
			this.bean = bean;
		}
		return bean;
	}

}
