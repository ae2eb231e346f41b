import java.util.List;
import java.util.Scanner;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.Bucket;
import software.amazon.awssdk.services.sts.StsClient;

/**
 * An application: it knows nothing of accounts, roles, profiles or epicac.
 *
 * <p>It says its version, and then, for each line on stdin, it calls AWS with the clients it has had from the start, and
 * prints what came of it as one line of JSON.
 */
public final class Application {
  public static void main(String[] arguments) {
    StsClient identity = StsClient.builder().httpClient(UrlConnectionHttpClient.create()).build();
    S3Client storage = S3Client.builder().httpClient(UrlConnectionHttpClient.create()).forcePathStyle(true).build();
    String version = "AWS SDK for Java " + VersionInfo.SDK_VERSION + ", Java " + System.getProperty("java.version");
    System.out.println("{\"version\":" + json(version) + "}");
    Scanner lines = new Scanner(System.in);
    while (lines.hasNextLine()) {
      lines.nextLine();
      System.out.println(seen(identity, storage));
    }
  }

  private static String seen(StsClient identity, S3Client storage) {
    try {
      String arn = identity.getCallerIdentity().arn();
      List<String> buckets = storage.listBuckets().buckets().stream().map(Bucket::name).map(Application::json).toList();
      return "{\"arn\":" + json(arn) + ",\"buckets\":[" + String.join(",", buckets) + "]}";
    } catch (RuntimeException error) {
      return "{\"error\":" + json(withCauses(error)) + ",\"ProfileCredentialsProvider\":" + json(alone()) + "}";
    }
  }

  /** The default chain tries its other links, and forgets the cause of why this one failed. */
  private static String alone() {
    try (ProfileCredentialsProvider provider = ProfileCredentialsProvider.create()) {
      return provider.resolveCredentials().accessKeyId();
    } catch (RuntimeException error) {
      return withCauses(error);
    }
  }

  /** As an application's log shows it. */
  private static String withCauses(Throwable error) {
    return error.getCause() == null ? error.toString() : error + ": " + withCauses(error.getCause());
  }

  private static String json(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      quoted.append(c < ' ' ? String.format("\\u%04x", (int) c) : c == '"' || c == '\\' ? "\\" + c : String.valueOf(c));
    }
    return quoted.append('"').toString();
  }
}
