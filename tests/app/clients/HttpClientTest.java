// Sends requests with Java's HttpClient. By default it offers HTTP/2 in its first request to a server
// ("Upgrade: h2c"). Arguments: URL, picture. Prints a line of JSON for each response.

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;

public class HttpClientTest {
    static String url;
    static byte[] picture;

    static HttpRequest.Builder request(String name, String path) {
        return HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(20))
                .header("X-Request-ID", name);
    }

    static HttpRequest post(String name, String path, String type, BodyPublisher body) {
        return request(name, path).header("Content-Type", type).POST(body).build();
    }

    static HttpRequest raw(String name) {
        return post(name, "/v1/predictions", "image/png", BodyPublishers.ofByteArray(picture));
    }

    static byte[] form(String field, int files) throws Exception {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < files; i++) {
            out.write(("--java\r\nContent-Disposition: form-data; name=\"" + field
                    + "\"; filename=\"two.png\"\r\nContent-Type: image/png\r\n\r\n").getBytes());
            out.write(picture);
            out.write("\r\n".getBytes());
        }
        out.write("--java--\r\n".getBytes());
        return out.toByteArray();
    }

    static void print(String name, HttpResponse<String> response) {
        System.out.printf("{\"name\": \"%s\", \"status\": %d, \"id\": \"%s\", \"type\": \"%s\", \"body\": %s}%n",
                name, response.statusCode(), response.headers().firstValue("x-request-id").orElse(""),
                response.headers().firstValue("content-type").orElse(""), response.body());
    }

    static void send(HttpClient client, String name, HttpRequest request) throws Exception {
        print(name, client.send(request, BodyHandlers.ofString()));
    }

    public static void main(String[] arguments) throws Exception {
        url = arguments[0];
        picture = Files.readAllBytes(Path.of(arguments[1]));
        String form = "multipart/form-data; boundary=java";
        for (var version : new HttpClient.Version[] {HttpClient.Version.HTTP_2, HttpClient.Version.HTTP_1_1}) {
            // Each new client offers HTTP/2 again, if it may, in its first request: here with every kind of body.
            for (String first : new String[] {"get", "raw", "form", "batch", "stream", "expect", "refused", "large"}) {
                var client = HttpClient.newBuilder().version(version).build();
                String name = first + "." + version;
                var request = switch (first) {
                    case "get" -> request(name, "/healthz").build();
                    case "raw" -> raw(name);
                    case "form" -> post(name, "/v1/predictions", form, BodyPublishers.ofByteArray(form("image", 1)));
                    case "batch" -> post(name, "/v1/predictions/batch", form,
                            BodyPublishers.ofByteArray(form("images", 3)));
                    case "stream" -> post(name, "/v1/predictions", "image/png",
                            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(picture)));
                    case "expect" -> request(name, "/v1/predictions").expectContinue(true)
                            .POST(BodyPublishers.ofByteArray(picture)).build();
                    case "refused" -> post(name, "/v1/predictions", "text/csv", BodyPublishers.ofString("1,2"));
                    default -> post(name, "/v1/predictions", "image/png", BodyPublishers.ofByteArray(new byte[200001]));
                };
                send(client, name, request);
                send(client, "again." + name, raw("again." + name));
            }
        }
        var client = HttpClient.newHttpClient();
        var pending = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 16; i++) {
            pending.add(client.sendAsync(raw("together." + i), BodyHandlers.ofString()));
        }
        for (int i = 0; i < 16; i++) {
            print("together." + i, pending.get(i).get());
        }
    }
}
