package io.github.oauthredis.sample;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

import io.github.oauthredis.sample.launcher.Part;
import io.github.oauthredis.sample.launcher.Sample;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Uses the page as a visitor does, in a real Chromium. Screenshots go to
 * {@code target/screenshots}. The browser and its driver are taken from
 * {@code CHROMIUM_PATH} and {@code CHROMEDRIVER_PATH}, by default from {@code /usr/bin}.
 *
 * @author OAuth Redis
 */
class SampleBrowserTests {

	private static final Path SCREENSHOTS = Path.of("target", "screenshots");

	private static Sample sample;

	@TempDir
	private Path profile;

	private ChromeDriver browser;

	private WebDriverWait await;

	@BeforeAll
	static void startSample() throws IOException {
		Files.createDirectories(SCREENSHOTS);
		sample = Sample.start("--sample.authorization-server.port=0", "--sample.api.port=0",
				"--sample.instance-1.port=0", "--sample.instance-2.port=0");
	}

	@AfterAll
	static void stopSample() {
		sample.close();
	}

	@BeforeEach
	void startBrowser() {
		ChromeOptions options = new ChromeOptions();
		options.setBinary(path("CHROMIUM_PATH", "/usr/bin/chromium"));
		options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
				"--disable-component-update", "--disable-sync", "--no-first-run", "--disable-dev-shm-usage",
				"--hide-scrollbars", "--user-data-dir=" + this.profile);
		ChromeDriverService driver = new ChromeDriverService.Builder()
			.usingDriverExecutable(Path.of(path("CHROMEDRIVER_PATH", "/usr/bin/chromedriver")).toFile())
			.usingAnyFreePort()
			.build();
		this.browser = new ChromeDriver(driver, options);
		this.browser.manage().window().setSize(new Dimension(1280, 2000));
		this.await = new WebDriverWait(this.browser, Duration.ofSeconds(20), Duration.ofMillis(100));
	}

	@AfterEach
	void stopBrowser() {
		this.browser.quit();
	}

	@Test
	void pageWhenUsedAsDescribedShowsOneTokenRequestAndNoFailure() throws IOException {
		open(sample.uri(Part.INSTANCE_1));
		awaitText("service-token", "No token lately");
		screenshot("1-logged-out");

		click("log-in");
		screenshot("2-login-form");
		logIn();
		awaitText("user", "Logged in as alice");

		click("user-call");
		awaitText("user-result", "Hello, user alice.");
		click("service-call");
		awaitText("service-result", "Hello, service demo-service.");
		screenshot("3-called");

		click("user-expire");
		awaitText("user-token", "refused by the API");
		screenshot("4-expired");
		click("ours-race");
		awaitText("ours-result", "no call failed");
		screenshot("5-race");
		assertThat(text("ours-failures")).isEqualTo("0");
		assertThat(text("ours-requests")).isEqualTo("1");
		assertThat(text("ours-login")).isEqualTo("kept");

		click("stock-race");
		awaitText("stock-result", "presented the same refresh token");
		screenshot("6-stock-race");
		assertThat(text("stock-failures")).isNotEqualTo("0");
		assertThat(text("ours-failures")).as("kept beside the other side").isEqualTo("0");
		click("user-call");
		awaitText("user-result", "Hello, user alice.");

		click("outage");
		awaitText("outage-result", "Redis is stopped, 3 s left");
		screenshot("7-redis-stopped");
		awaitText("outage-result", "What callers noticed");
		screenshot("8-redis-back");

		open(sample.uri(Part.INSTANCE_2));
		awaitText("instances", "Instance 2");
		click("log-in");
		awaitText("user", "Logged in as alice");
		click("user-call");
		awaitText("user-result", "Hello, user alice.");
		screenshot("9-second-instance");
		preferDark();
		screenshot("10-dark");

		click("user-expire");
		awaitText("user-token", "refused by the API");
		open(sample.uri(Part.INSTANCE_1));
		click("ours-race");
		awaitText("ours-result", "no call failed");
		assertThat(text("ours-failures")).isEqualTo("0");
		assertThat(text("ours-requests")).isEqualTo("1");
		this.browser.manage().window().setSize(new Dimension(400, 3600));
		screenshot("11-narrow");

		click("log-out-button");
		this.await.until(ExpectedConditions.visibilityOfElementLocated(By.id("log-in")));
	}

	private void open(URI uri) {
		this.browser.get(uri.toString());
	}

	private void click(String id) {
		this.await.until(ExpectedConditions.elementToBeClickable(By.id(id))).click();
	}

	private void logIn() {
		WebElement name = this.await.until(ExpectedConditions.elementToBeClickable(By.id("username")));
		name.sendKeys("alice");
		this.browser.findElement(By.id("password")).sendKeys("password");
		this.browser.findElement(By.cssSelector("button[type=submit]")).click();
	}

	private String text(String id) {
		return this.browser.findElement(By.id(id)).getText();
	}

	private void awaitText(String id, String text) {
		this.await.until(ExpectedConditions.textToBePresentInElementLocated(By.id(id), text));
	}

	private void preferDark() {
		Map<String, String> scheme = Map.of("name", "prefers-color-scheme", "value", "dark");
		this.browser.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(scheme)));
	}

	private void screenshot(String name) throws IOException {
		Files.write(SCREENSHOTS.resolve(name + ".png"), this.browser.getScreenshotAs(OutputType.BYTES));
	}

	private static String path(String variable, String byDefault) {
		String value = System.getenv(variable);
		return (value != null) ? value : byDefault;
	}

}
