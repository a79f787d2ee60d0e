#include "fork/descriptors.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>

#include "fork/directory.h"
#include "fork/fdinfo.h"
#include "fork/raw.h"
#include "fork/rings.h"

namespace {

enum Kind : uint8_t { kOther, kSocket, kPipe, kEventfd, kEpoll, kInotify, kIoUring };

struct Descriptor {
  int fd;
  Kind kind;
  bool replaced;
  int open_flags;       // fcntl(F_GETFL)
  int descriptor_flags;  // FD_CLOEXEC
  uint64_t inode;
};

// Grows in memory of its own, since malloc may be locked.
template <typename Item>
class Items {
 public:
  Items() = default;
  Items(const Items&) = delete;
  ~Items() {
    if (capacity_ > 0) raw::Call(SYS_munmap, items_, capacity_ * sizeof(Item));
  }

  Item* begin() { return items_; }
  Item* end() { return items_ + count_; }

  Refusal Add(const Item& item) {
    if (Refusal refusal = Grow()) return refusal;
    items_[count_++] = item;
    return {};
  }

 private:
  Refusal Grow() {
    if (count_ < capacity_) return {};
    size_t capacity = capacity_ > 0 ? capacity_ * 2 : 512;
    long memory = capacity_ > 0
        ? raw::Call(SYS_mremap, items_, capacity_ * sizeof(Item), capacity * sizeof(Item), MREMAP_MAYMOVE)
        : raw::Call(SYS_mmap, nullptr, capacity * sizeof(Item), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory < 0 && memory > -4096) return Refusal::Failed("mmap", memory);
    items_ = reinterpret_cast<Item*>(memory);
    capacity_ = capacity;
    return {};
  }

  Item* items_ = nullptr;
  size_t count_ = 0, capacity_ = 0;
};

// All descriptors but stdin, stdout and stderr.
class Table {
 public:
  Descriptor* begin() { return entries_.begin(); }
  Descriptor* end() { return entries_.end(); }
  bool IsStandardStream(uint64_t inode) const {
    return inode == standard_[0] || inode == standard_[1] || inode == standard_[2];
  }

  Refusal Read() {
    Directory directory("/proc/self/fd");
    if (directory.error()) return Refusal::Failed("open", directory.error());
    long fd;
    while ((fd = directory.NextNumber()) >= 0) {
      if (fd == directory.fd()) continue;
      struct stat status;
      if (raw::Call(SYS_fstat, fd, &status) < 0) continue;
      if (fd <= 2) standard_[fd] = S_ISSOCK(status.st_mode) ? status.st_ino : 0;
      if (fd <= 2) continue;
      const Descriptor entry{static_cast<int>(fd), KindOf(fd, status.st_mode), false,
                             static_cast<int>(raw::Call(SYS_fcntl, fd, F_GETFL)),
                             static_cast<int>(raw::Call(SYS_fcntl, fd, F_GETFD)), status.st_ino};
      if (Refusal refusal = entries_.Add(entry)) return refusal;
    }
    return directory.error() ? Refusal::Failed("getdents64", directory.error()) : Refusal{};
  }

 private:
  static Kind KindOf(long fd, mode_t mode) {
    if (S_ISSOCK(mode)) return kSocket;
    if (S_ISFIFO(mode)) return kPipe;
    if ((mode & S_IFMT) != 0) return kOther;
    char path[32] = "/proc/self/fd/", target[32] = {};
    WriteNumber(path + 14, fd);
    raw::Call(SYS_readlinkat, AT_FDCWD, path, target, sizeof target - 1);
    if (Equal(target, "anon_inode:[eventfd]")) return kEventfd;
    if (Equal(target, "anon_inode:[eventpoll]")) return kEpoll;
    if (Equal(target, "anon_inode:inotify")) return kInotify;
    if (Equal(target, "anon_inode:[io_uring]")) return kIoUring;
    return kOther;
  }
  static bool Equal(const char* a, const char* b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
  }

  Items<Descriptor> entries_;
  uint64_t standard_[3] = {};
};

// Puts `fresh` on the number and into the flags of the descriptor that it replaces.
Refusal Install(long fresh, Descriptor* old) {
  long result = raw::Call(SYS_dup3, fresh, old->fd, old->descriptor_flags & FD_CLOEXEC ? O_CLOEXEC : 0);
  raw::Call(SYS_close, fresh);
  old->replaced = true;
  return result < 0 ? Refusal::Failed("dup3", result) : Refusal{};
}

Refusal ReplaceEventfd(Descriptor* entry) {
  int64_t count = 0, semaphore = 0;
  {
    FdInfo info(entry->fd);
    if (info.error()) return Refusal::Failed("open", info.error());
    while (info.NextLine()) {
      info.Number("eventfd-count", 16, &count);
      info.Number("eventfd-semaphore", 10, &semaphore);
    }
  }
  int flags = O_CLOEXEC | (entry->open_flags & O_NONBLOCK) | (semaphore ? EFD_SEMAPHORE : 0);
  long fresh = raw::Call(SYS_eventfd2, 0, flags);
  if (fresh < 0) return Refusal::Failed("eventfd", fresh);
  if (count != 0) raw::Call(SYS_write, fresh, &count, sizeof count);
  return Install(fresh, entry);
}

// What one epoll set watches: a line of its fdinfo. proc_pid_fdinfo(5)
struct Registration {
  int epoll, fd;
  epoll_event event;
};

Refusal ReadEpoll(const Descriptor& entry, Items<Registration>* registrations) {
  FdInfo info(entry.fd);
  if (info.error()) return Refusal::Failed("open", info.error());
  while (info.NextLine()) {
    int64_t fd, events, data;
    if (!info.Number("tfd", 10, &fd) || !info.Number("events", 16, &events) || !info.Number("data", 16, &data)) continue;
    Registration registration{entry.fd, static_cast<int>(fd), {static_cast<uint32_t>(events), {}}};
    registration.event.data.u64 = data;
    if (Refusal refusal = registrations->Add(registration)) return refusal;
  }
  return {};
}

Refusal ReplaceEpoll(Descriptor* entry, Items<Registration>& registrations) {
  long fresh = raw::Call(SYS_epoll_create1, EPOLL_CLOEXEC);
  if (fresh < 0) return Refusal::Failed("epoll_create1", fresh);
  // EBADF: closed under this number, but still open under another; no code waits for its events.
  for (Registration& each : registrations)
    if (each.epoll == entry->fd) raw::Call(SYS_epoll_ctl, fresh, EPOLL_CTL_ADD, each.fd, &each.event);
  return Install(fresh, entry);
}

Refusal ReplaceInotify(Descriptor* entry) {
  long fresh = raw::Call(SYS_inotify_init1, IN_CLOEXEC | (entry->open_flags & O_NONBLOCK));
  return fresh < 0 ? Refusal::Failed("inotify_init1", fresh) : Install(fresh, entry);
}

// A pipe is the process's own when both ends are here and all of them are close-on-exec, as libuv's are;
// pipes for sharing lack the flag, or have an end elsewhere.
bool IsInternalPipe(Table& table, const Descriptor& entry) {
  bool reader = false, writer = false;
  for (const Descriptor& other : table) {
    if (other.kind != kPipe || other.inode != entry.inode) continue;
    if (!(other.descriptor_flags & FD_CLOEXEC)) return false;
    int mode = other.open_flags & O_ACCMODE;
    reader |= mode != O_WRONLY;
    writer |= mode != O_RDONLY;
  }
  return reader && writer && !table.IsStandardStream(entry.inode);
}

Refusal ReplacePipe(Table& table, uint64_t inode, const DescriptorPlan& plan) {
  int fresh[2];
  long result = raw::Call(SYS_pipe2, fresh, O_CLOEXEC);
  if (result < 0) return Refusal::Failed("pipe", result);
  Refusal refusal;
  for (Descriptor& entry : table) {
    if (refusal || entry.kind != kPipe || entry.inode != inode) continue;
    bool is_writer = (entry.open_flags & O_ACCMODE) == O_WRONLY;
    // tee(2) copies what is in the pipe and leaves it there; EAGAIN says that it is empty.
    if (!is_writer && entry.fd != plan.signal_pipe) raw::Call(SYS_tee, entry.fd, fresh[1], 1 << 20, 2 /* SPLICE_F_NONBLOCK */);
    // O_NONBLOCK belongs to the open file description, of which each end has its own.
    raw::Call(SYS_fcntl, fresh[is_writer], F_SETFL, entry.open_flags & O_NONBLOCK);
    result = raw::Call(SYS_dup3, fresh[is_writer], entry.fd, O_CLOEXEC);
    if (result < 0) refusal = Refusal::Failed("dup3", result);
    entry.replaced = true;
  }
  raw::Call(SYS_close, fresh[0]);
  raw::Call(SYS_close, fresh[1]);
  return refusal;
}

int SocketOption(int fd, int level, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  raw::Call(SYS_getsockopt, fd, level, option, &value, &size);
  return value;
}

// Is there a peer, or will there be one? Listening and fresh sockets stay.
bool IsConnected(int fd) {
  if (SocketOption(fd, SOL_SOCKET, SO_ACCEPTCONN)) return false;
  sockaddr_storage peer;
  socklen_t size = sizeof peer;
  if (raw::Call(SYS_getpeername, fd, &peer, &size) == 0) return true;
  if (SocketOption(fd, SOL_SOCKET, SO_PROTOCOL) != IPPROTO_TCP) return false;
  tcp_info info{};
  size = sizeof info;
  raw::Call(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, &info, &size);
  return info.tcpi_state != 7 /* TCP_CLOSE */ && info.tcpi_state != 10 /* TCP_LISTEN */;
}

// Puts one end of a socket pair, whose other end is closed, in place of a connected socket: it reads as end of
// file and writes as EPIPE, and the connection itself knows nothing of it. shutdown(2) would end it for the parent.
Refusal ReplaceWithEof(Descriptor* entry, const DescriptorPlan& plan) {
  for (int i = 0; i < plan.keep_count; i++)
    if (plan.keep_sockets[i] == entry->fd) return {};
  int pair[2];
  long result = raw::Call(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (entry->open_flags & O_NONBLOCK), 0, pair);
  if (result < 0) return Refusal::Failed("socketpair", result);
  raw::Call(SYS_close, pair[1]);
  return Install(pair[0], entry);
}

Refusal Replace(Table& table, Descriptor* entry, const DescriptorPlan& plan) {
  switch (entry->kind) {
    case kEventfd:
      return entry->descriptor_flags & FD_CLOEXEC ? ReplaceEventfd(entry) : Refusal{};
    case kPipe:
      return !entry->replaced && IsInternalPipe(table, *entry) ? ReplacePipe(table, entry->inode, plan) : Refusal{};
    case kSocket:
      return !table.IsStandardStream(entry->inode) && IsConnected(entry->fd) ? ReplaceWithEof(entry, plan) : Refusal{};
    case kInotify:
      return entry->descriptor_flags & FD_CLOEXEC ? ReplaceInotify(entry) : Refusal{};
    default:
      return {};
  }
}

}  // namespace

Refusal ReplaceDescriptors(const DescriptorPlan& plan) {
  Table table;
  if (Refusal refusal = table.Read()) return refusal;
  // A registration belongs to an open file description, epoll(7). It is read first: where the parent has been killed,
  // it ends when this process gives up the description that is watched. It is made last, with all in place.
  Items<Registration> registrations;
  for (const Descriptor& entry : table)
    if (entry.kind == kEpoll)
      if (Refusal refusal = ReadEpoll(entry, &registrations)) return refusal;
  for (Descriptor& entry : table)
    if (Refusal refusal = Replace(table, &entry, plan)) return refusal;
  for (Descriptor& entry : table)
    if (entry.kind == kEpoll)
      if (Refusal refusal = ReplaceEpoll(&entry, registrations)) return refusal;

  Ring rings[kMaxRings];
  int count = 0;
  for (const Descriptor& entry : table) {
    if (entry.kind != kIoUring) continue;
    if (count == kMaxRings) return {Cause::kIoUring, 0, "there are more than 64 rings", 0};
    rings[count++] = {entry.fd, entry.inode};
  }
  return RenewRings(rings, count);
}

Refusal CheckDescriptors() {
  Table table;
  if (Refusal refusal = table.Read()) return refusal;
  for (const Descriptor& entry : table)
    if (entry.kind == kIoUring)
      if (Refusal refusal = CheckRing({entry.fd, entry.inode})) return refusal;
  return {};
}
