#include <sys/socket.h>

#include <cstring>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"
#include "pair.h"

// The most descriptors that one message carries.
static constexpr size_t kMaxDescriptors = 16;

// One message's parts, for sendmsg(2) and recvmsg(2): its bytes, and room for the descriptors beside them. unix(7).
struct Message {
  explicit Message(const Arguments::Bytes& bytes) : part{bytes.data, bytes.length} {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
  }

  iovec part;
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxDescriptors * sizeof(int))] = {};
  msghdr header = {};
};

// socketpair(cloexec): [one end, the other]
static Napi::Value Socketpair(const Napi::CallbackInfo& info) {
  const int flags = Arguments(info).Bool(0, "cloexec") ? SOCK_CLOEXEC : 0;
  int fds[2];
  Check(info.Env(), Retry([&] { return ::socketpair(AF_UNIX, SOCK_STREAM | flags, 0, fds); }), {"socketpair"});
  return DescriptorPair(info.Env(), fds);
}

static void Attach(Message& message, const std::vector<int>& fds) {
  message.header.msg_control = message.control;
  message.header.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
  cmsghdr* rights = CMSG_FIRSTHDR(&message.header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
  std::memcpy(CMSG_DATA(rights), fds.data(), fds.size() * sizeof(int));
}

// sendMessage(fd, buffer, offset, length, fds): bytes
static Napi::Value SendMessage(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const std::vector<int> fds = args.Ints(4, "fds");
  const Arguments::Bytes from = args.Slice(1, "buffer");
  // Without a byte to go with, the kernel would drop the descriptors and report success.
  if (fds.size() > kMaxDescriptors || (!fds.empty() && from.length == 0))
    throw SystemError(info.Env(), -EINVAL, {"sendmsg"});

  Message message(from);
  if (!fds.empty()) Attach(message, fds);
  const ssize_t bytes = Retry([&] { return ::sendmsg(fd, &message.header, MSG_NOSIGNAL); });
  return Napi::Number::New(info.Env(), Check(info.Env(), bytes, {"sendmsg"}));
}

static std::vector<int> Received(Message& message) {
  std::vector<int> fds;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message.header); part != nullptr; part = CMSG_NXTHDR(&message.header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    fds.resize((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(fds.data(), CMSG_DATA(part), fds.size() * sizeof(int));
  }
  return fds;
}

// receiveMessage(fd, buffer, offset, length): { bytes, fds }. The error of descriptors that did not fit has bytes, too.
static Napi::Value ReceiveMessage(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  Message message(args.Slice(1, "buffer"));
  const auto receive = [&] {
    message.header.msg_control = message.control;
    message.header.msg_controllen = sizeof message.control;
    return ::recvmsg(fd, &message.header, MSG_CMSG_CLOEXEC);
  };
  const ssize_t bytes = Check(env, Retry(receive), {"recvmsg"});

  const std::vector<int> fds = Received(message);
  if (message.header.msg_flags & MSG_CTRUNC) {
    for (int each : fds) ::close(each);
    // With room left here, it was this process that could take no more.
    Napi::Error error = SystemError(env, fds.size() < kMaxDescriptors ? -EMFILE : -EMSGSIZE, {"recvmsg"});
    error.Set("bytes", Napi::Number::New(env, bytes));
    throw error;
  }
  Napi::Array numbers = Napi::Array::New(env, fds.size());
  for (uint32_t i = 0; i < fds.size(); i++) numbers.Set(i, Napi::Number::New(env, fds[i]));
  Napi::Object result = Napi::Object::New(env);
  result.Set("bytes", Napi::Number::New(env, bytes));
  result.Set("fds", numbers);
  return result;
}

void InitMessage(Napi::Object exports) {
  Export(exports, "socketpair", Socketpair);
  Export(exports, "sendMessage", SendMessage);
  Export(exports, "receiveMessage", ReceiveMessage);
}
