#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <uv.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "arguments.h"
#include "capabilities.h"
#include "descriptor.h"
#include "errors.h"

struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t length = sizeof storage;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  template <typename As>
  As* as() {
    return reinterpret_cast<As*>(&storage);
  }
};

// From the arguments (fd, family, host, port). A host that is not numeric is the call's EINVAL.
static SocketAddress InetAddress(Napi::Env env, int family, const Attempt& attempt) {
  SocketAddress address;
  const char* host = attempt.address.c_str();
  const bool v6 = family == AF_INET6;
  Check(env,
        v6 ? uv_ip6_addr(host, attempt.port, address.as<sockaddr_in6>())
           : uv_ip4_addr(host, attempt.port, address.as<sockaddr_in>()),
        attempt);
  address.length = v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  return address;
}

// A path, or with a leading NUL a name of the abstract namespace, which ends where the string ends. unix(7).
static SocketAddress UnixAddress(Napi::Env env, const Attempt& attempt) {
  SocketAddress address;
  sockaddr_un* target = address.as<sockaddr_un>();
  const std::string& path = attempt.path;
  const bool abstract = !path.empty() && path[0] == '\0';
  if (path.empty()) throw SystemError(env, -EINVAL, attempt);
  if (path.size() + !abstract > sizeof target->sun_path) throw SystemError(env, -ENAMETOOLONG, attempt);
  target->sun_family = AF_UNIX;
  std::memcpy(target->sun_path, path.data(), path.size());
  address.length = offsetof(sockaddr_un, sun_path) + path.size() + !abstract;
  return address;
}

static Attempt InetAttempt(const char* syscall, const Arguments& args) {
  return {syscall, args.CString(2, "host"), args.Port(3, "port")};
}

static Attempt UnixAttempt(const char* syscall, const Arguments& args) {
  const std::string path = args.String(1, "path");
  return {syscall, {}, -1, path[0] == '\0' ? path : args.CString(1, "path")};
}

static std::string UnixPath(SocketAddress& address) {
  const size_t length = address.length - offsetof(sockaddr_un, sun_path);
  const char* path = address.as<sockaddr_un>()->sun_path;
  if (address.length <= offsetof(sockaddr_un, sun_path)) return {};
  return path[0] == '\0' ? std::string(path, length) : std::string(path, strnlen(path, length));
}

// A link-local address means nothing without its interface.
static std::string Ipv6Text(const sockaddr_in6* address) {
  char text[INET6_ADDRSTRLEN], interface[IF_NAMESIZE];
  uv_ip6_name(address, text, sizeof text);
  if (!IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr) || !::if_indextoname(address->sin6_scope_id, interface)) return text;
  return std::string(text) + "%" + interface;
}

// { family, address, port } or { family: 'unix', path }
static Napi::Object AddressObject(Napi::Env env, SocketAddress& address, const char* syscall) {
  Napi::Object result = Napi::Object::New(env);
  const auto inet = [&](const char* family, const std::string& text, in_port_t port) {
    result.Set("family", family);
    result.Set("address", text);
    result.Set("port", Napi::Number::New(env, ntohs(port)));
  };
  switch (address.storage.ss_family) {
    case AF_INET: {
      char text[INET_ADDRSTRLEN];
      uv_ip4_name(address.as<sockaddr_in>(), text, sizeof text);
      inet("IPv4", text, address.as<sockaddr_in>()->sin_port);
      return result;
    }
    case AF_INET6:
      inet("IPv6", Ipv6Text(address.as<sockaddr_in6>()), address.as<sockaddr_in6>()->sin6_port);
      return result;
    case AF_UNIX:
      result.Set("family", "unix");
      result.Set("path", UnixPath(address));
      return result;
    default:
      throw SystemError(env, -EAFNOSUPPORT, {syscall});
  }
}

// socket(family, type, protocol, cloexec): fd
static Napi::Value Socket(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int family = args.Int(0, "family");
  const int type = args.Int(1, "type");
  const int protocol = args.Int(2, "protocol");
  const int flags = args.Bool(3, "cloexec") ? SOCK_CLOEXEC : 0;
  const int fd = Retry([&] { return ::socket(family, type | flags, protocol); });
  return Napi::Number::New(info.Env(), Check(info.Env(), fd, {"socket"}));
}

// The options of setsockopt(), from socket(7), unix(7), ipv6(7) and tcp(7). Their values are integers, but time limits
// are struct timeval to the kernel, and milliseconds here.
struct SocketOption {
  const char* name;
  int level, number;
  bool is_time;
};
static constexpr SocketOption kOptions[] = {
    {"SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR, false},
    {"SO_REUSEPORT", SOL_SOCKET, SO_REUSEPORT, false},
    {"SO_RCVTIMEO", SOL_SOCKET, SO_RCVTIMEO, true},
    {"SO_SNDTIMEO", SOL_SOCKET, SO_SNDTIMEO, true},
    {"SO_PASSCRED", SOL_SOCKET, SO_PASSCRED, false},
    {"SO_DETACH_FILTER", SOL_SOCKET, SO_DETACH_FILTER, false},
    {"IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY, false},
    {"TCP_DEFER_ACCEPT", IPPROTO_TCP, TCP_DEFER_ACCEPT, false},
};

// setsockopt(fd, name, value): ENOPROTOOPT for a name that is not in the list
static void Setsockopt(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const std::string name = args.CString(1, "name");
  const int value = args.Int(2, "value");
  const timeval time = {value / 1000, value % 1000 * 1000};
  const auto* option = std::find_if(std::begin(kOptions), std::end(kOptions), [&](auto& each) { return name == each.name; });
  if (option == std::end(kOptions)) throw SystemError(info.Env(), -ENOPROTOOPT, {"setsockopt"});
  const auto set = [&](const auto& as) {
    return Retry([&] { return ::setsockopt(fd, option->level, option->number, &as, sizeof as); });
  };
  Check(info.Env(), option->is_time ? set(time) : set(value), {"setsockopt"});
}

// bind(2) and connect(2) take the same arguments. An interrupted connect(2) goes on in the kernel, and on Linux the
// repeated call waits for it to end, as the first did; for a unix socket it starts anew.
using AddressCall = int (*)(int, const sockaddr*, socklen_t);

static void CallWithAddress(Napi::Env env, AddressCall call, int fd, SocketAddress address, const Attempt& attempt) {
  Check(env, Retry([&] { return call(fd, address.get(), address.length); }), attempt);
}

static void InetCall(const Napi::CallbackInfo& info, AddressCall call, const char* syscall) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const int family = args.Int(1, "family");
  const Attempt attempt = InetAttempt(syscall, args);
  CallWithAddress(info.Env(), call, fd, InetAddress(info.Env(), family, attempt), attempt);
}

static void UnixCall(const Napi::CallbackInfo& info, AddressCall call, const char* syscall) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const Attempt attempt = UnixAttempt(syscall, args);
  CallWithAddress(info.Env(), call, fd, UnixAddress(info.Env(), attempt), attempt);
}

// bindInet(fd, family, host, port), bindUnix(fd, path), connectInet(fd, family, host, port), connectUnix(fd, path)
static void BindInet(const Napi::CallbackInfo& info) { InetCall(info, ::bind, "bind"); }
static void BindUnix(const Napi::CallbackInfo& info) { UnixCall(info, ::bind, "bind"); }
static void ConnectInet(const Napi::CallbackInfo& info) { InetCall(info, ::connect, "connect"); }
static void ConnectUnix(const Napi::CallbackInfo& info) { UnixCall(info, ::connect, "connect"); }

// listen(fd, backlog)
static void Listen(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const int backlog = args.Int(1, "backlog");
  Check(info.Env(), Retry([&] { return ::listen(fd, backlog); }), {"listen"});
}

// acceptFd(fd, cloexec): fd
static Napi::Value AcceptFd(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int listener = args.Int(0, "fd");
  const int flags = args.Bool(1, "cloexec") ? SOCK_CLOEXEC : 0;
  const int fd = Retry([&] { return ::accept4(listener, nullptr, nullptr, flags); });
  return Napi::Number::New(info.Env(), Check(info.Env(), fd, {"accept"}));
}

// accept(fd, cloexec): { fd, address }
static Napi::Value Accept(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments args(info);
  const int listener = args.Int(0, "fd");
  const int flags = args.Bool(1, "cloexec") ? SOCK_CLOEXEC : 0;

  SocketAddress client;
  const auto accept = [&] {
    client.length = sizeof client.storage;
    return ::accept4(listener, client.get(), &client.length, flags);
  };
  Descriptor connection(Check(env, Retry(accept), {"accept"}));
  Napi::Object result = Napi::Object::New(env);
  result.Set("fd", Napi::Number::New(env, connection.get()));
  result.Set("address", AddressObject(env, client, "accept"));
  connection.release();
  return result;
}

// send(fd, buffer, offset, length, nowait): bytes. Raises no SIGPIPE. With nowait, EAGAIN where there is no room.
static Napi::Value Send(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const Arguments::Bytes from = args.Slice(1, "buffer");
  const int flags = MSG_NOSIGNAL | (args.Bool(4, "nowait") ? MSG_DONTWAIT : 0);
  const ssize_t bytes = Retry([&] { return ::send(fd, from.data, from.length, flags); });
  return Napi::Number::New(info.Env(), Check(info.Env(), bytes, {"send"}));
}

// shutdown(fd, how)
static void Shutdown(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const int how = args.Int(1, "how");
  Check(info.Env(), Retry([&] { return ::shutdown(fd, how); }), {"shutdown"});
}

// disconnect(fd): connect(2) with AF_UNSPEC. A socket of TCP is closed by that in every process, and can listen again.
static void Disconnect(const Napi::CallbackInfo& info) {
  const int fd = Arguments(info).Int(0, "fd");
  const sockaddr nobody = {AF_UNSPEC, {}};
  Check(info.Env(), Retry([&] { return ::connect(fd, &nobody, sizeof nobody); }), {"connect"});
}

// isListening(fd): whether listen(2) was called on this stream socket. SO_ACCEPTCONN in socket(7).
static Napi::Value IsListening(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = Arguments(info).Int(0, "fd");
  int listening = 0;
  socklen_t length = sizeof listening;
  const auto get = [&] { return ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length); };
  Check(env, Retry(get), {"getsockopt"});
  return Napi::Boolean::New(env, listening != 0);
}

// getListenQueue(fd): { queued, backlog }. Of a listening socket TCP_INFO tells these two in fields of other names.
static Napi::Value GetListenQueue(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = Arguments(info).Int(0, "fd");
  tcp_info state = {};
  socklen_t length = sizeof state;
  Check(env, Retry([&] { return ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &state, &length); }), {"getsockopt"});
  if (state.tcpi_state != TCP_LISTEN) throw SystemError(env, -EINVAL, {"getsockopt"});
  Napi::Object result = Napi::Object::New(env);
  result.Set("queued", Napi::Number::New(env, state.tcpi_unacked));
  result.Set("backlog", Napi::Number::New(env, state.tcpi_sacked));
  return result;
}

using NameCall = int (*)(int, sockaddr*, socklen_t*);

static Napi::Value Name(const Napi::CallbackInfo& info, NameCall call, const char* syscall) {
  const int fd = Arguments(info).Int(0, "fd");
  SocketAddress address;
  Check(info.Env(), Retry([&] { return call(fd, address.get(), &address.length); }), {syscall});
  return AddressObject(info.Env(), address, syscall);
}

// getsockname(fd), getpeername(fd): address
static Napi::Value Getsockname(const Napi::CallbackInfo& info) { return Name(info, ::getsockname, "getsockname"); }
static Napi::Value Getpeername(const Napi::CallbackInfo& info) { return Name(info, ::getpeername, "getpeername"); }

void InitSocket(Napi::Object exports) {
  Export(exports, "socket", Socket);
  Export(exports, "setsockopt", Setsockopt);
  Export(exports, "bindInet", BindInet);
  Export(exports, "bindUnix", BindUnix);
  Export(exports, "connectInet", ConnectInet);
  Export(exports, "connectUnix", ConnectUnix);
  Export(exports, "listen", Listen);
  Export(exports, "accept", Accept);
  Export(exports, "acceptFd", AcceptFd);
  Export(exports, "isListening", IsListening);
  Export(exports, "getListenQueue", GetListenQueue);
  Export(exports, "send", Send);
  Export(exports, "disconnect", Disconnect);
  Export(exports, "shutdown", Shutdown);
  Export(exports, "getsockname", Getsockname);
  Export(exports, "getpeername", Getpeername);
}
