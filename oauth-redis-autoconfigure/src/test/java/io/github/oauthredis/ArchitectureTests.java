package io.github.oauthredis;

import java.io.Externalizable;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.io.Serializable;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.jspecify.annotations.NullMarked;

/**
 * The floor plan, and those house rules that bytecode can prove. Every rule may be empty,
 * because a package is created only together with its first class.
 *
 * @author OAuth Redis
 */
@AnalyzeClasses(packages = ArchitectureTests.ROOT, importOptions = DoNotIncludeTests.class)
class ArchitectureTests {

	static final String ROOT = "io.github.oauthredis";

	/** The packages of each floor, from the ground up. */
	private static final List<Set<String>> FLOORS = List.of(Set.of("token"), Set.of("event", "crypto", "resilience"),
			Set.of("codec"), Set.of("store"), Set.of("nearcache"), Set.of("refresh", "introspection", "revocation"),
			Set.of("client", "http", "metrics", "actuate", "webhook"), Set.of("autoconfigure"));

	private static final String ROOF = "autoconfigure";

	// The floor plan

	@ArchTest
	static final ArchRule packagesUseOnlyLowerFloors = classes("use only packages of lower floors", (type, report) -> {
		if (floor(type) < 0) {
			report.accept(type.getDescription() + " is on no floor");
		}
		forEachDependency(type,
				(target) -> isIn(target, ROOT) && !module(target).equals(module(type)) && floor(target) >= floor(type),
				report);
	});

	@ArchTest
	static final ArchRule packagesHaveNoCycles = SlicesRuleDefinition.slices()
		.matching(ROOT + ".(**)")
		.should()
		.beFreeOfCycles()
		.allowEmptyShould(true);

	// One door for each library

	@ArchTest
	static final ArchRule lettuceIsBehindItsDoors = classes("use Lettuce at its doors only", (type, report) -> {
		if (!Set.of("store", "nearcache", ROOF).contains(module(type))) {
			forEachDependency(type, (target) -> isIn(target, "io.lettuce"), report);
		}
	});

	@ArchTest
	static final ArchRule nimbusIsBehindItsDoor = isBehindDoor("com.nimbusds", "crypto");

	@ArchTest
	static final ArchRule resilience4jIsBehindItsDoor = isBehindDoor("io.github.resilience4j", "resilience");

	@ArchTest
	static final ArchRule caffeineIsBehindItsDoor = isBehindDoor("com.github.benmanes.caffeine", "nearcache");

	@ArchTest
	static final ArchRule micrometerIsBehindItsDoor = isBehindDoor("io.micrometer", "metrics");

	// Shape

	@ArchTest
	static final ArchRule packagesAreNullMarked = classes("be in a null-marked package", (type, report) -> {
		if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
			report.accept(type.getPackageName() + " has no package-info with @NullMarked");
		}
	});

	@ArchTest
	static final ArchRule publicClassesAreFinal = ArchRuleDefinition.classes()
		.that()
		.arePublic()
		.and()
		.areTopLevelClasses()
		.and()
		.areNotInterfaces()
		.and()
		.areNotEnums()
		.and()
		.areNotAssignableTo(Throwable.class)
		.and()
		.doNotHaveModifier(JavaModifier.ABSTRACT)
		.should()
		.haveModifier(JavaModifier.FINAL)
		.allowEmptyShould(true);

	// What is stored

	@ArchTest
	static final ArchRule nothingUsesJavaSerialization = noClassesDependOn("Java serialization",
			(type) -> isAnyOf(type, Serializable.class, Externalizable.class) || type.isAssignableTo(ObjectInput.class)
					|| type.isAssignableTo(ObjectOutput.class) || isIn(type, "org.springframework.core.serializer")
					|| type.getSimpleName().matches("JdkSerializationRedisSerializer|SerializationUtils"));

	@ArchTest
	static final ArchRule nothingAsksForJavaSerialization = noClassesAccess("a serializer of Java objects",
			(access) -> access.getName().equals("java")
					&& isIn(access.getTargetOwner(), "org.springframework.data.redis.serializer"));

	@ArchTest
	static final ArchRule nothingStoresTypeNames = noClassesDependOn("polymorphic JSON",
			(type) -> type.getSimpleName().matches("JsonTypeInfo|JsonSubTypes|DefaultTyping|JsonTypeResolver")
					|| type.getSimpleName().matches("GenericJackson2?JsonRedisSerializer")
					|| isIn(type, "tools.jackson.databind.jsontype") || isIn(type, "com.fasterxml.jackson.databind")
					|| isIn(type, "org.springframework.security.jackson"));

	@ArchTest
	static final ArchRule nothingActivatesDefaultTyping = noClassesAccess("default typing",
			(access) -> access.getName().matches("(activate|enable|set)DefaultTyping.*|polymorphicTypeValidator"));

	// Time

	@ArchTest
	static final ArchRule timeIsReadFromClocks = noClassesAccess("the system's time", (access) -> {
		JavaClass owner = access.getTargetOwner();
		return switch (access.getName()) {
			case "currentTimeMillis" -> owner.isEquivalentTo(System.class);
			case "now" -> isIn(owner, "java.time") && !takes(access, Clock.class);
			case JavaConstructor.CONSTRUCTOR_NAME -> owner.isEquivalentTo(Date.class) && !takes(access, long.class);
			default -> false;
		};
	});

	@ArchTest
	static final ArchRule clocksComeFromTheRoof = classes("not create a clock", (type, report) -> {
		if (!module(type).equals(ROOF)) {
			forEachAccess(type, (access) -> access.getName().matches("system|systemUTC|systemDefaultZone|tick[A-Z].*")
					&& isAnyOf(access.getTargetOwner(), Clock.class, InstantSource.class), report);
		}
	});

	@ArchTest
	static final ArchRule nothingSleeps = noClassesAccess("sleep", (access) -> access.getName().equals("sleep")
			&& isAnyOf(access.getTargetOwner(), Thread.class, TimeUnit.class));

	// Habits

	@ArchTest
	static final ArchRule nothingEndsAReactiveChain = noClassesAccess("a blocking or subscribing operator",
			(access) -> access.getName()
				.matches("block|blockFirst|blockLast|blockOptional|subscribe|toIterable|toStream")
					&& access.getTargetOwner().isAssignableTo("org.reactivestreams.Publisher"));

	@ArchTest
	static final ArchRule loggingIsCommonsLogging = noClassesDependOn("another logging library",
			(type) -> Stream.of("org.slf4j", "org.apache.logging", "ch.qos.logback", "java.util.logging")
				.anyMatch((library) -> isIn(type, library)) || type.getName().startsWith("java.lang.System$Logger"));

	@ArchTest
	static final ArchRule standardStreamsStayUnused = GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS
		.allowEmptyShould(true);

	/**
	 * Only the door uses the library. The roof may name its types, to ask for them in
	 * conditions and to hand over the application's beans, but calls nothing.
	 */
	private static ArchRule isBehindDoor(String library, String door) {
		return classes("use %s in '%s' only".formatted(library, door), (type, report) -> {
			if (module(type).equals(ROOF)) {
				forEachAccess(type, (access) -> isIn(access.getTargetOwner(), library), report);
			}
			else if (!module(type).equals(door)) {
				forEachDependency(type, (target) -> isIn(target, library), report);
			}
		});
	}

	private static ArchRule noClassesDependOn(String description, Predicate<JavaClass> forbidden) {
		return classes("not depend on " + description, (type, report) -> forEachDependency(type, forbidden, report));
	}

	private static ArchRule noClassesAccess(String description, Predicate<JavaAccess<?>> forbidden) {
		return classes("not access " + description, (type, report) -> forEachAccess(type, forbidden, report));
	}

	private static ArchRule classes(String description, BiConsumer<JavaClass, Consumer<String>> check) {
		ArchCondition<JavaClass> condition = new ArchCondition<>(description) {

			@Override
			public void check(JavaClass type, ConditionEvents events) {
				check.accept(type, (message) -> events.add(SimpleConditionEvent.violated(type, message)));
			}

		};
		return ArchRuleDefinition.classes().should(condition).allowEmptyShould(true);
	}

	private static void forEachDependency(JavaClass type, Predicate<JavaClass> filter, Consumer<String> action) {
		type.getDirectDependenciesFromSelf()
			.stream()
			.filter((dependency) -> filter.test(dependency.getTargetClass().getBaseComponentType()))
			.forEach((dependency) -> action.accept(dependency.getDescription()));
	}

	private static void forEachAccess(JavaClass type, Predicate<JavaAccess<?>> filter, Consumer<String> action) {
		type.getAccessesFromSelf().stream().filter(filter).forEach((access) -> action.accept(access.getDescription()));
	}

	private static boolean takes(JavaAccess<?> access, Class<?> argument) {
		return access.getTarget() instanceof CodeUnitAccessTarget target
				&& target.getRawParameterTypes().stream().anyMatch((type) -> type.isEquivalentTo(argument));
	}

	private static boolean isIn(JavaClass type, String rootPackage) {
		return (type.getPackageName() + ".").startsWith(rootPackage + ".");
	}

	private static boolean isAnyOf(JavaClass type, Class<?>... candidates) {
		return Stream.of(candidates).anyMatch(type::isEquivalentTo);
	}

	/**
	 * Return the package directly below the root that holds the type.
	 */
	private static String module(JavaClass type) {
		return type.getPackageName().substring(ROOT.length()).replaceFirst("^\\.([^.]*).*", "$1");
	}

	private static int floor(JavaClass type) {
		return FLOORS
			.indexOf(FLOORS.stream().filter((floor) -> floor.contains(module(type))).findFirst().orElse(Set.of()));
	}

}
