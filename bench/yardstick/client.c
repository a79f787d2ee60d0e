// The client: as many threads as clients, which block, so that the figures show the server.
// Usage: client LOAD PORT SECONDS CLIENTS [COUNT], with a load of those below; prints one line of JSON. Each client ends
// after so many seconds, or when it has done COUNT operations.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TIMEOUT_S = 5, LINE = 64, REPLY = 8192, MAX_CLIENTS = 256, IN_A_ROW = 32 };

struct client {
  pthread_t thread;
  int id, fd;
  size_t count, room;
  float* took;  // in microseconds, one for each operation
};

static int port;
static double deadline;
static size_t most = -1;
static pthread_barrier_t start_line;

static void fail(const char* what) {
  if (errno == EAGAIN) fprintf(stderr, "%s: nothing came within %d s\n", what, TIMEOUT_S);
  else fprintf(stderr, "%s: %s\n", what, errno ? strerror(errno) : "not what was expected");
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

// Every connection of a client from another address of the loopback network, or the ports in TIME_WAIT would run out.
static int dial(const struct client* client) {
  const struct timeval timeout = {.tv_sec = TIMEOUT_S};
  const unsigned host = 127u << 24 | (client->id + 1) << 16 | (client->count % 250) << 8 | 1;
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(host)};
  struct sockaddr_in server = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (bind(fd, (struct sockaddr*)&own, sizeof own) != 0) fail("bind");
  if (connect(fd, (struct sockaddr*)&server, sizeof server) != 0) fail("connect");
  return fd;
}

static void say(int fd, const char* text, size_t length) {
  errno = 0;
  if (send(fd, text, length, MSG_NOSIGNAL) != (ssize_t)length) fail("send");
}

static size_t hear(int fd, char* buffer, size_t room) {
  errno = 0;
  ssize_t count = recv(fd, buffer, room, 0);
  if (count < 0) fail("recv");
  return count;
}

static void expect_end(int fd) {
  char more;
  if (hear(fd, &more, 1) != 0) fail("the end of the connection");
  close(fd);
}

static void echo_line(int fd) {
  static const char line[LINE + 1] = "the line that is sent and echoed, sixty-four bytes with its end\n";
  char echo[LINE];
  say(fd, line, LINE);
  for (size_t got = 0, count; got < LINE; got += count)
    if ((count = hear(fd, echo + got, LINE - got)) == 0) fail("an echo");
  if (memcmp(line, echo, LINE) != 0) fail("the same line");
}

static size_t content_length(const char* head) {
  const char* field = strcasestr(head, "\r\nContent-Length:");
  errno = 0;
  if (strncmp(head, "HTTP/1.", 7) != 0 || strncmp(head + 8, " 200", 4) != 0 || !field) fail("an answer with 200");
  return strtoul(field + 17, NULL, 10);
}

// Returns whether the server will close the connection.
static int ask(int fd, const char* request) {
  char reply[REPLY + 1];
  size_t got = 0, whole = REPLY;
  say(fd, request, strlen(request));
  for (int headed = 0; got < whole;) {
    size_t count = hear(fd, reply + got, REPLY - got);
    if (count == 0) fail("an answer");
    reply[got += count] = 0;
    const char* body = headed ? NULL : strstr(reply, "\r\n\r\n");
    if (!body) continue;
    headed = 1;
    whole = body + 4 - reply + content_length(reply);
    if (whole > REPLY) fail("a short answer");
  }
  return strcasestr(reply, "\r\nConnection: close") != NULL;
}

static void on_line(struct client* client) { echo_line(client->fd); }

static void on_exchange(struct client* client) {
  int fd = dial(client);
  echo_line(fd);
  say(fd, "exit\n", 5);
  expect_end(fd);
}

// Now and then one waits for its echo: the queue is first come, first served, so that those before it are accepted.
static void on_accept(struct client* client) {
  int fd = dial(client);
  if (client->count % IN_A_ROW == IN_A_ROW - 1) echo_line(fd);
  close(fd);
}

static void on_request(struct client* client) {
  int fd = dial(client);
  ask(fd, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  expect_end(fd);
}

static void on_kept(struct client* client) {
  if (!ask(client->fd, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")) return;
  close(client->fd);
  client->fd = dial(client);
}

static const struct load {
  const char* name;
  void (*once)(struct client*);
  int keeps;  // one connection for all operations of a client
} loads[] = {
    {"line", on_line, 1},        // a line and its echo
    {"exchange", on_exchange, 0},  // connect, a line and its echo, exit, the connection's end
    {"accept", on_accept, 0},    // connect, hang up
    {"request", on_request, 0},  // an HTTP request on a connection of its own
    {"kept", on_kept, 1},        // an HTTP request on a connection that is kept
};

static const struct load* load;

static void* run(void* argument) {
  struct client* client = argument;
  if (load->keeps) client->fd = dial(client);
  load->once(client);
  pthread_barrier_wait(&start_line);
  pthread_barrier_wait(&start_line);
  for (double start = now(), end; start < deadline && client->count < most; start = end) {
    load->once(client);
    end = now();
    if (client->count == client->room) {
      client->room = client->room ? 2 * client->room : 4096;
      client->took = realloc(client->took, client->room * sizeof *client->took);
      if (!client->took) fail("realloc");
    }
    client->took[client->count++] = end - start;
  }
  return NULL;
}

static int by_size(const void* a, const void* b) {
  float difference = *(const float*)a - *(const float*)b;
  return (difference > 0) - (difference < 0);
}

static double own_cpu(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void report(struct client* clients, int number, double elapsed, double cpu) {
  size_t count = 0;
  for (int i = 0; i < number; i++) count += clients[i].count;
  float* all = malloc(count * sizeof *all + 1);
  if (!all || count == 0) fail("operations");
  for (size_t i = 0, at = 0; i < (size_t)number; at += clients[i++].count)
    memcpy(all + at, clients[i].took, clients[i].count * sizeof *all);
  qsort(all, count, sizeof *all, by_size);
  printf("{\"count\":%zu,\"seconds\":%.4f,\"p50Us\":%.1f,\"p99Us\":%.1f,\"clientCpuUs\":%.2f}\n", count, elapsed / 1e6,
         all[count / 2], all[count * 99 / 100], cpu / count);
}

int main(int argc, char** argv) {
  static struct client clients[MAX_CLIENTS];
  for (size_t i = 0; argc >= 5 && argc <= 6 && i < sizeof loads / sizeof *loads; i++)
    if (strcmp(argv[1], loads[i].name) == 0) load = &loads[i];
  const int number = load ? atoi(argv[4]) : 0;
  if (number < 1 || number > MAX_CLIENTS) {
    fprintf(stderr, "Usage: %s LOAD PORT SECONDS CLIENTS [COUNT]\n", argv[0]);
    return 2;
  }
  port = atoi(argv[2]);
  if (argc == 6) most = strtoul(argv[5], NULL, 10);
  pthread_barrier_init(&start_line, NULL, number + 1);
  for (int i = 0; i < number; i++) {
    clients[i].id = i;
    if (pthread_create(&clients[i].thread, NULL, run, &clients[i]) != 0) fail("pthread_create");
  }
  pthread_barrier_wait(&start_line);  // all are connected and served
  const double before = own_cpu(), start = now();
  deadline = start + atof(argv[3]) * 1e6;
  pthread_barrier_wait(&start_line);
  for (int i = 0; i < number; i++) pthread_join(clients[i].thread, NULL);
  report(clients, number, now() - start, own_cpu() - before);
  return 0;
}
