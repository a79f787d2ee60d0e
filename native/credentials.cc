// Users, groups and what else a process gives up before it executes another program. To the kernel they are each thread's
// own. The C library's wrappers change all threads of a process, which it finds by a list that a fork by native/fork has
// made anew; these calls change the calling thread, which is the one that execve(2) leaves. nptl(7), credentials(7)
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

// getgroups(): numbers
static Napi::Value Getgroups(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<gid_t> groups(Check(env, Retry([] { return ::getgroups(0, nullptr); }), {"getgroups"}));
  Check(env, Retry([&] { return ::getgroups(static_cast<int>(groups.size()), groups.data()); }), {"getgroups"});
  Napi::Array numbers = Napi::Array::New(env, groups.size());
  for (uint32_t i = 0; i < groups.size(); i++) numbers.Set(i, Napi::Number::New(env, groups[i]));
  return numbers;
}

// seteuid(uid), setegid(gid): the effective number alone. With the user's the kernel takes away capabilities, or gives
// them back to root.
static void Seteuid(const Napi::CallbackInfo& info) {
  const uint32_t id = Id(info.Env(), Arguments(info).Offset(0, "uid"), "setresuid");
  Check(info.Env(), Retry([&] { return ::syscall(SYS_setresuid, -1, id, -1); }), {"setresuid"});
}
static void Setegid(const Napi::CallbackInfo& info) {
  const uint32_t id = Id(info.Env(), Arguments(info).Offset(0, "gid"), "setresgid");
  Check(info.Env(), Retry([&] { return ::syscall(SYS_setresgid, -1, id, -1); }), {"setresgid"});
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

// getDumpable(): PR_GET_DUMPABLE
static Napi::Value GetDumpable(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), Check(info.Env(), Retry([] { return ::prctl(PR_GET_DUMPABLE); }), {"prctl"}));
}

// setResourceLimit(resource, soft, hard); -1 for no limit
static void SetResourceLimit(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int resource = args.Int(0, "resource");
  const rlimit limit = {static_cast<rlim_t>(args.Offset(1, "soft")), static_cast<rlim_t>(args.Offset(2, "hard"))};
  static_assert(RLIM_INFINITY == static_cast<rlim_t>(-1), "-1 is no limit");
  const auto set = [&] { return ::setrlimit(static_cast<decltype(RLIMIT_CPU)>(resource), &limit); };
  Check(info.Env(), Retry(set), {"setrlimit"});
}

void InitCredentials(Napi::Object exports) {
  Export(exports, "setresuid", Setresuid);
  Export(exports, "setresgid", Setresgid);
  Export(exports, "setgroups", Setgroups);
  Export(exports, "getgroups", Getgroups);
  Export(exports, "seteuid", Seteuid);
  Export(exports, "setegid", Setegid);
  Export(exports, "getDumpable", GetDumpable);
  Export(exports, "clearCapabilities", ClearCapabilities);
  Export(exports, "dropBoundingCapability", DropBoundingCapability);
  Export(exports, "setNoNewPrivileges", SetNoNewPrivileges);
  Export(exports, "setDumpable", SetDumpable);
  Export(exports, "setResourceLimit", SetResourceLimit);
}
