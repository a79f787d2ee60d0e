// What a process gives up before it executes another program. The C library's wrappers change all threads of a process,
// which it finds by a list that a fork by native/fork has made anew; these calls change the calling thread, which is the
// one that execve(2) leaves: nptl(7), credentials(7).
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"

// The number of a user or group. The largest is none: to setresuid(2) it means to leave the number as it is.
static uint32_t Id(Napi::Env env, double number, const char* syscall) {
  if (number < 0 || number >= UINT32_MAX) throw SystemError(env, -EINVAL, {syscall});
  return static_cast<uint32_t>(number);
}

// setresuid(uid), setresgid(gid): the real, effective and saved number
static void Setresuid(const Napi::CallbackInfo& info) {
  const uint32_t id = Id(info.Env(), Arguments(info).Offset(0, "uid"), "setresuid");
  Check(info.Env(), Retry([&] { return ::syscall(SYS_setresuid, id, id, id); }), {"setresuid"});
}
static void Setresgid(const Napi::CallbackInfo& info) {
  const uint32_t id = Id(info.Env(), Arguments(info).Offset(0, "gid"), "setresgid");
  Check(info.Env(), Retry([&] { return ::syscall(SYS_setresgid, id, id, id); }), {"setresgid"});
}

// setgroups(gids)
static void Setgroups(const Napi::CallbackInfo& info) {
  std::vector<uint32_t> ids;
  for (int64_t number : Arguments(info).Offsets(0, "gids")) ids.push_back(Id(info.Env(), number, "setgroups"));
  Check(info.Env(), Retry([&] { return ::syscall(SYS_setgroups, ids.size(), ids.data()); }), {"setgroups"});
}

// clearCapabilities(): the effective, permitted and inheritable sets are empty after it
static void ClearCapabilities(const Napi::CallbackInfo& info) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  Check(info.Env(), Retry([&] { return ::syscall(SYS_capset, &header, none); }), {"capset"});
}

// dropBoundingCapability(capability): EINVAL for a number that the kernel does not know
static void DropBoundingCapability(const Napi::CallbackInfo& info) {
  const int capability = Arguments(info).Int(0, "capability");
  Check(info.Env(), Retry([&] { return ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0); }), {"prctl"});
}

// setNoNewPrivileges(): for good
static void SetNoNewPrivileges(const Napi::CallbackInfo& info) {
  Check(info.Env(), Retry([&] { return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }), {"prctl"});
}

// setDumpable(on)
static void SetDumpable(const Napi::CallbackInfo& info) {
  const bool on = Arguments(info).Bool(0, "on");
  Check(info.Env(), Retry([&] { return ::prctl(PR_SET_DUMPABLE, on ? 1 : 0, 0, 0, 0); }), {"prctl"});
}

// setResourceLimit(resource, soft, hard); -1 for no limit
static void SetResourceLimit(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int resource = args.Int(0, "resource");
  const rlimit limit = {static_cast<rlim_t>(args.Offset(1, "soft")), static_cast<rlim_t>(args.Offset(2, "hard"))};
  static_assert(RLIM_INFINITY == static_cast<rlim_t>(-1), "-1 is no limit");
  const auto set = [&] { return ::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit); };
  Check(info.Env(), Retry(set), {"setrlimit"});
}

void InitCredentials(Napi::Env env, Napi::Object exports) {
  exports.Set("setresuid", Napi::Function::New(env, Setresuid, "setresuid"));
  exports.Set("setresgid", Napi::Function::New(env, Setresgid, "setresgid"));
  exports.Set("setgroups", Napi::Function::New(env, Setgroups, "setgroups"));
  exports.Set("clearCapabilities", Napi::Function::New(env, ClearCapabilities, "clearCapabilities"));
  exports.Set("dropBoundingCapability", Napi::Function::New(env, DropBoundingCapability, "dropBoundingCapability"));
  exports.Set("setNoNewPrivileges", Napi::Function::New(env, SetNoNewPrivileges, "setNoNewPrivileges"));
  exports.Set("setDumpable", Napi::Function::New(env, SetDumpable, "setDumpable"));
  exports.Set("setResourceLimit", Napi::Function::New(env, SetResourceLimit, "setResourceLimit"));
}
