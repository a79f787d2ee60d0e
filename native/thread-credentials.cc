#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"

// To the kernel, users and groups are each thread's own; the C library's functions change those of all threads, these
// only the calling thread's: nptl(7), "NPTL and the user and group IDs". The ids are 32 bits, as numbers of that sign.

// setThreadGroups(groups)
static void SetThreadGroups(const Napi::CallbackInfo& info) {
  const std::vector<int> numbers = Arguments(info).Ints(0, "groups");
  const std::vector<gid_t> groups(numbers.begin(), numbers.end());
  const auto set = [&] { return ::syscall(SYS_setgroups, groups.size(), groups.data()); };
  Check(info.Env(), Retry(set), {"setgroups"});
}

// getThreadGroups(): numbers
static Napi::Value GetThreadGroups(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<gid_t> groups(Check(env, Retry([] { return ::getgroups(0, nullptr); }), {"getgroups"}));
  Check(env, Retry([&] { return ::getgroups(static_cast<int>(groups.size()), groups.data()); }), {"getgroups"});
  Napi::Array numbers = Napi::Array::New(env, groups.size());
  for (uint32_t i = 0; i < groups.size(); i++) numbers.Set(i, Napi::Number::New(env, static_cast<int>(groups[i])));
  return numbers;
}

// setThreadGroup(gid): the effective one
static void SetThreadGroup(const Napi::CallbackInfo& info) {
  const int gid = Arguments(info).Int(0, "gid");
  Check(info.Env(), Retry([&] { return ::syscall(SYS_setresgid, -1, gid, -1); }), {"setresgid"});
}

// setThreadUser(uid): the effective one, with which the kernel takes away capabilities, or gives them back to root
static void SetThreadUser(const Napi::CallbackInfo& info) {
  const int uid = Arguments(info).Int(0, "uid");
  Check(info.Env(), Retry([&] { return ::syscall(SYS_setresuid, -1, uid, -1); }), {"setresuid"});
}

// getDumpable(): PR_GET_DUMPABLE
static Napi::Value GetDumpable(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), Check(info.Env(), Retry([] { return ::prctl(PR_GET_DUMPABLE); }), {"prctl"}));
}

void InitThreadCredentials(Napi::Env env, Napi::Object exports) {
  exports.Set("setThreadGroups", Napi::Function::New(env, SetThreadGroups, "setThreadGroups"));
  exports.Set("getThreadGroups", Napi::Function::New(env, GetThreadGroups, "getThreadGroups"));
  exports.Set("setThreadGroup", Napi::Function::New(env, SetThreadGroup, "setThreadGroup"));
  exports.Set("setThreadUser", Napi::Function::New(env, SetThreadUser, "setThreadUser"));
  exports.Set("getDumpable", Napi::Function::New(env, GetDumpable, "getDumpable"));
}
