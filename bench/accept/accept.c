// Six processes accept from one listener in a way; a client, the parent, measures. Usage: accept WAY LOAD
// Prints one line of JSON. Both are listed below.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 6, PERMITS = 8, MAX_CONNECTIONS = 100000, STUCK_US = 1000000 };

// How a worker accepts.
enum way { BLOCKING, THREAD, SHARED, EXCLUSIVE, ROTATING };
static const char* const ways[] = {"blocking", "thread", "shared", "exclusive", "rotating"};

// What the client does: connections in all, microseconds between them, how many may be open at a time.
static const struct load {
  const char* name;
  int connections, gap, at_once, stuck;
} loads[] = {
    {"spaced", 600, 2000, MAX_CONNECTIONS, 0},
    {"burst", 600, 0, MAX_CONNECTIONS, 0},
    {"saturated", 20000, 0, 64, 0},
    {"stuck", 300, 10000, MAX_CONNECTIONS, 1},  // the first worker's loop sleeps for each of its connections
};

static struct worker {
  int ready;
  long accepted, useless;
  struct rusage before;
} *workers;

static int listener;
static struct worker* self;
static int is_stuck;

static void check(int ok, const char* what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void serve(int connection) {
  self->accepted++;
  if (is_stuck) usleep(STUCK_US);
  check(write(connection, "x", 1) == 1, "write");
  close(connection);
}

static void accept_blocking(void) {
  for (;;) {
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection >= 0) serve(connection);
  }
}

static sem_t permits;
static int handed[2];

static void* accept_in_thread(void* unused) {
  for (;;) {
    while (sem_wait(&permits) != 0) continue;
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    check(connection >= 0 && write(handed[1], &connection, sizeof connection) > 0, "accept4");
  }
  return unused;
}

static int watched(int fd, unsigned events) {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {events, {.fd = fd}};
  check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
  return epoll;
}

static void accept_by_thread(void) {
  pthread_t thread;
  int connection;
  struct epoll_event event;
  sem_init(&permits, 0, PERMITS);
  check(pipe2(handed, O_NONBLOCK | O_CLOEXEC) == 0, "pipe");
  int epoll = watched(handed[0], EPOLLIN);
  pthread_create(&thread, NULL, accept_in_thread, NULL);
  for (;;) {
    epoll_wait(epoll, &event, 1, -1);
    while (read(handed[0], &connection, sizeof connection) > 0) {
      serve(connection);
      sem_post(&permits);
    }
  }
}

// Shared: until the queue is empty, as libuv does. Exclusive: one for a wake-up; rotating: then to the queue's tail.
static void accept_by_epoll(enum way way) {
  const unsigned events = way == SHARED ? EPOLLIN : EPOLLIN | EPOLLEXCLUSIVE;
  struct epoll_event event = {events, {.fd = listener}}, ready;
  int epoll = watched(listener, events);
  for (;;) {
    if (epoll_wait(epoll, &ready, 1, -1) <= 0) continue;
    int taken = 0, connection;
    while ((connection = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
      taken++;
      if (way == ROTATING) {
        epoll_ctl(epoll, EPOLL_CTL_DEL, listener, NULL);
        epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
      }
      serve(connection);
      if (way != SHARED) break;
    }
    if (taken == 0) self->useless++;
  }
}

static void work(enum way way) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  getrusage(RUSAGE_SELF, &self->before);
  __atomic_store_n(&self->ready, 1, __ATOMIC_SEQ_CST);
  if (way == BLOCKING) accept_blocking();
  else if (way == THREAD) accept_by_thread();
  else accept_by_epoll(way);
}

static double started[MAX_CONNECTIONS], waits[MAX_CONNECTIONS];
static int index_of[1 << 20];

static int open_connection(int epoll, const struct sockaddr_in* address, int index) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(fd >= 0, "socket");
  // No TIME_WAIT: rounds are not to use up the ports.
  struct linger at_once = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  started[index] = now();
  index_of[fd] = index;
  check(connect(fd, (const struct sockaddr*)address, sizeof *address) == 0, "connect");
  struct epoll_event event = {EPOLLIN, {.fd = fd}};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

// Makes the connections and notes how long each waits for its byte. Returns how long all of it took.
static double drive(const struct load* load, const struct sockaddr_in* address) {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event ready[256];
  double start = now();
  for (int opened = 0, closed = 0; closed < load->connections;) {
    double due = start + (double)opened * load->gap;
    while (opened < load->connections && opened - closed < load->at_once && now() >= due) {
      open_connection(epoll, address, opened++);
      due += load->gap;
    }
    double pause = opened < load->connections && opened - closed < load->at_once ? due - now() : 1e9;
    struct timespec limit = {pause / 1e6, pause > 0 ? (long)pause % 1000000 * 1000 : 0};
    int count = epoll_pwait2(epoll, ready, 256, pause < 1e9 ? &limit : NULL, NULL);
    for (int i = 0; i < count; i++, closed++) {
      int fd = ready[i].data.fd;
      waits[index_of[fd]] = now() - started[index_of[fd]];
      close(fd);
    }
  }
  return now() - start;
}

static int by_size(const void* a, const void* b) {
  double difference = *(const double*)a - *(const double*)b;
  return (difference > 0) - (difference < 0);
}

static double microseconds(struct timeval t) { return t.tv_sec * 1e6 + t.tv_usec; }

static void report(const char* way, const struct load* load, double elapsed, const pid_t pids[]) {
  double cpu = 0;
  long switches = 0, useless = 0;
  int late = 0, n = load->connections;
  printf("{\"way\":\"%s\",\"load\":\"%s\",\"taken\":[", way, load->name);
  for (int i = 0; i < WORKERS; i++) {
    const struct rusage* before = &workers[i].before;
    struct rusage after;
    kill(pids[i], SIGKILL);
    check(wait4(pids[i], NULL, 0, &after) == pids[i], "wait4");
    cpu += microseconds(after.ru_utime) + microseconds(after.ru_stime);
    cpu -= microseconds(before->ru_utime) + microseconds(before->ru_stime);
    switches += after.ru_nvcsw + after.ru_nivcsw - before->ru_nvcsw - before->ru_nivcsw;
    useless += workers[i].useless;
    printf("%s%ld", i ? "," : "", workers[i].accepted);
  }
  for (int i = 0; i < n; i++) late += waits[i] > STUCK_US / 2;
  qsort(waits, n, sizeof *waits, by_size);
  printf("],\"useless\":%ld,\"rate\":%.0f,\"cpuUs\":%.2f,\"switches\":%.3f", useless, n / elapsed * 1e6, cpu / n,
         (double)switches / n);
  printf(",\"waitUs\":{\"median\":%.0f,\"p99\":%.0f,\"max\":%.0f},\"late\":%d}\n", waits[n / 2], waits[n * 99 / 100],
         waits[n - 1], late);
}

static int find(const char* name, const char* const* first, size_t step, int count) {
  for (int i = 0; i < count; i++)
    if (strcmp(name, *(const char* const*)((const char*)first + i * step)) == 0) return i;
  fprintf(stderr, "unknown: %s\n", name);
  exit(2);
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  enum way way = find(argv[1], ways, sizeof *ways, sizeof ways / sizeof *ways);
  const struct load* load = &loads[find(argv[2], &loads[0].name, sizeof *loads, sizeof loads / sizeof *loads)];

  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int flags = way == BLOCKING || way == THREAD ? 0 : SOCK_NONBLOCK;
  listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  check(bind(listener, (struct sockaddr*)&address, size) == 0 && listen(listener, 4096) == 0, "listen");
  getsockname(listener, (struct sockaddr*)&address, &size);

  workers = mmap(NULL, sizeof *workers * WORKERS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t pids[WORKERS];
  for (int i = 0; i < WORKERS; i++) {
    self = &workers[i];
    is_stuck = load->stuck && i == 0;
    if ((pids[i] = fork()) == 0) work(way);
  }
  for (int i = 0; i < WORKERS; i++)
    while (!__atomic_load_n(&workers[i].ready, __ATOMIC_SEQ_CST)) usleep(1000);
  usleep(20000);  // until all have gone to sleep
  report(ways[way], load, drive(load, &address), pids);
  return 0;
}
