#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"

// What an object says of a process: { pid, uid, gid }
static void SetCredentials(Napi::Object object, const ucred& process) {
  const Napi::Env env = object.Env();
  object.Set("pid", Napi::Number::New(env, process.pid));
  object.Set("uid", Napi::Number::New(env, process.uid));
  object.Set("gid", Napi::Number::New(env, process.gid));
}

// receiveFromPeer(fd, buffer, offset, length, peek): { bytes, pid, uid, gid, truncated }. There is room for the credentials
// alone, so that the kernel discards descriptors that the peer has sent (MSG_CTRUNC). unix(7). With peek, MSG_PEEK.
static Napi::Value ReceiveFromPeer(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const int flags = MSG_CMSG_CLOEXEC | (args.Bool(4, "peek") ? MSG_PEEK : 0);
  const Arguments::Bytes into = args.Slice(1, "buffer");
  iovec part{into.data, into.length};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))] = {};
  msghdr header = {};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  const auto receive = [&] {
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    return ::recvmsg(fd, &header, flags);
  };
  const ssize_t bytes = Check(env, Retry(receive), {"recvmsg"});

  ucred sender = {0, static_cast<uid_t>(-1), static_cast<gid_t>(-1)};
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item))
    if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_CREDENTIALS)
      std::memcpy(&sender, CMSG_DATA(item), sizeof sender);
  Napi::Object result = Napi::Object::New(env);
  result.Set("bytes", Napi::Number::New(env, bytes));
  SetCredentials(result, sender);
  result.Set("truncated", Napi::Boolean::New(env, (header.msg_flags & MSG_CTRUNC) != 0));
  return result;
}

// getPeerCredentials(fd): { pid, uid, gid } of the process that connected, or of the one that listens. SO_PEERCRED in unix(7).
static Napi::Value GetPeerCredentials(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = Arguments(info).Int(0, "fd");
  ucred peer = {0, static_cast<uid_t>(-1), static_cast<gid_t>(-1)};
  socklen_t length = sizeof peer;
  Check(env, Retry([&] { return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length); }), {"getsockopt"});
  Napi::Object result = Napi::Object::New(env);
  SetCredentials(result, peer);
  return result;
}

void InitPeer(Napi::Object exports) {
  Export(exports, "getPeerCredentials", GetPeerCredentials);
  Export(exports, "receiveFromPeer", ReceiveFromPeer);
}
