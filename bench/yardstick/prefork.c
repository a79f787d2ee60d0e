// The yardstick of the possible: the document's prefork echo server in C, with the protocol of `prefork echo --quiet`.
// Usage: prefork WORKERS [PORT [BACKLOG]]. Listens on 127.0.0.1; PORT 0, the default, is any free one.
// Every worker blocks in accept(2) and serves one client at a time. A worker that dies is not replaced.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 511, LINE_LIMIT = 64 * 1024, MAX_WORKERS = 256 };

static void check(int ok, const char* what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static int open_listener(int port, int backlog, struct sockaddr_in* address) {
  socklen_t size = sizeof *address;
  *address = (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(listener >= 0, "socket");
  check(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "setsockopt");
  check(bind(listener, (struct sockaddr*)address, size) == 0, "bind");
  check(listen(listener, backlog) == 0, "listen");
  check(getsockname(listener, (struct sockaddr*)address, &size) == 0, "getsockname");
  return listener;
}

static int send_all(int client, const char* data, size_t length) {
  for (size_t sent = 0; sent < length;) {
    ssize_t count = write(client, data + sent, length - sent);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    sent += count;
  }
  return 0;
}

static int is_exit(const char* line, size_t length) {
  if (length > 0 && line[length - 1] == '\r') length--;
  return length == 4 && memcmp(line, "exit", 4) == 0;
}

// Lines in, the same lines out: all that one read(2) completes by one write(2), as long as there is no exit.
static void serve(int client) {
  static char buffer[LINE_LIMIT + 2];
  for (size_t held = 0; held < sizeof buffer;) {
    ssize_t count = read(client, buffer + held, sizeof buffer - held);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;
    size_t start = 0, end = held + count;
    for (char* lf; (lf = memchr(buffer + start, '\n', end - start)); start = lf + 1 - buffer) {
      if (!is_exit(buffer + start, lf - buffer - start)) continue;
      send_all(client, buffer, start);
      return;
    }
    // At the end of input an unfinished line is one too.
    int over = count == 0;
    if (over && is_exit(buffer + start, end - start)) end = start;
    if (over) start = end;
    if (send_all(client, buffer, start) < 0 || over) return;
    memmove(buffer, buffer + start, held = end - start);
  }
}

static void work(int listener, pid_t parent) {
  check(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "prctl");
  if (getppid() != parent) _exit(1);  // it died before that
  for (;;) {
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    check(client >= 0, "accept4");
    serve(client);
    close(client);
  }
}

int main(int argc, char** argv) {
  int workers = argc > 1 ? atoi(argv[1]) : 0;
  if (workers < 1 || workers > MAX_WORKERS || argc > 4) {
    fprintf(stderr, "Usage: %s WORKERS [PORT [BACKLOG]]\n", argv[0]);
    return 2;
  }
  struct sockaddr_in address;
  int listener = open_listener(argc > 2 ? atoi(argv[2]) : 0, argc > 3 ? atoi(argv[3]) : BACKLOG, &address);
  signal(SIGPIPE, SIG_IGN);
  pid_t parent = getpid(), children[MAX_WORKERS];
  for (int i = 0; i < workers; i++) {
    check((children[i] = fork()) >= 0, "fork");
    if (children[i] == 0) work(listener, parent);
  }
  printf("Listening on 127.0.0.1:%d, parent %d, children", ntohs(address.sin_port), parent);
  for (int i = 0; i < workers; i++) printf(" %d", children[i]);
  printf("\n");
  fflush(stdout);
  while (wait(NULL) > 0 || errno == EINTR) continue;
  return 0;
}
