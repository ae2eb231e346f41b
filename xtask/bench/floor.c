/* The floor of `cargo xtask bench`: the least that a native program has to do for the same document.
 * It reads the two variables and the token, sends one GET, picks five strings out of the answer and
 * prints them. It checks next to nothing, retries nothing and trusts everything: it is here to be
 * measured, not to be used. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what) {
  fprintf(stderr, "floor: %s\n", what);
  return 1;
}

/* The string after `"name":`, without escapes, cut at the fraction of a second if `whole` is set. */
static int field(const char *json, const char *name, char *to, size_t room, int whole) {
  char key[32];
  snprintf(key, sizeof key, "\"%s\"", name);
  const char *at = strstr(json, key);
  if (!at || !(at = strchr(at + strlen(key), '"'))) return 0;
  const char *end = strchr(++at, '"');
  if (!end) return 0;
  size_t length = (size_t)(end - at);
  const char *dot = memchr(at, '.', length);
  if (length + 2 > room) return 0;
  if (whole && dot) length = (size_t)(dot - at);
  memcpy(to, at, length);
  if (whole && dot) to[length++] = 'Z';
  to[length] = 0;
  return 1;
}

int main(void) {
  static char token[65536], request[70000], answer[131072], out[65536];
  static char key[256], secret[256], session[32768], expiration[64], account[32];
  const char *uri = getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  const char *file = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  char host[64];
  int port;
  if (!uri || !file || sscanf(uri, "http://%63[0-9.]:%d", host, &port) != 2) return fail("variables");
  const char *path = strchr(uri + 7, '/');

  int fd = open(file, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, token, sizeof token - 1);
  if (length <= 0) return fail("token");
  close(fd);
  if (token[length - 1] == '\n') token[length - 1] = 0;

  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  inet_pton(AF_INET, host, &address.sin_addr);
  int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(connection, (struct sockaddr *)&address, sizeof address)) return fail("connect");
  int size = snprintf(request, sizeof request,
                      "GET %s HTTP/1.1\r\nHost: %s:%d\r\nAccept: application/json\r\n"
                      "User-Agent: floor\r\nConnection: close\r\nAuthorization: %s\r\n\r\n",
                      path ? path : "/", host, port, token);
  if (write(connection, request, (size_t)size) != size) return fail("write");

  size_t have = 0;
  while ((length = read(connection, answer + have, sizeof answer - 1 - have)) > 0) have += (size_t)length;
  const char *body = strstr(answer, "\r\n\r\n");
  if (!body || strncmp(answer, "HTTP/1.1 200", 12)) return fail("answer");
  if (!field(body, "AccessKeyId", key, sizeof key, 0) ||
      !field(body, "SecretAccessKey", secret, sizeof secret, 0) ||
      !field(body, "Token", session, sizeof session, 0) ||
      !field(body, "Expiration", expiration, sizeof expiration, 1))
    return fail("fields");
  int has_account = field(body, "AccountId", account, sizeof account, 0);
  size = snprintf(out, sizeof out,
                  "{\"Version\":1,\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"%s\","
                  "\"SessionToken\":\"%s\",\"Expiration\":\"%s\"%s%s%s}\n",
                  key, secret, session, expiration, has_account ? ",\"AccountId\":\"" : "", account,
                  has_account ? "\"" : "");
  return write(STDOUT_FILENO, out, (size_t)size) == size ? 0 : fail("stdout");
}
