#include <grp.h>
#include <pwd.h>

#include <vector>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"

// Most bytes for the strings of one entry, such as the names of a group's members; getpwnam_r(3) and getgrnam_r(3) fail
// with ERANGE when there are too few.
static constexpr size_t kMostRoom = size_t{1} << 20;
// NGROUPS_MAX of the kernel.
static constexpr size_t kMostGroups = 65536;

// Asks for one entry, with more and more room for its strings, and hands it to `use`, or nullptr where there is none. All
// these calls read files, or ask servers by the modules of nsswitch.conf(5): this thread waits for that. The entry points
// into `strings`, and `use` copies what it needs.
template <typename Entry, typename Call, typename Use>
static Napi::Value Look(Napi::Env env, const char* syscall, Call call, Use use) {
  for (size_t room = 1024;;) {
    std::vector<char> strings(room);
    Entry entry, *found = nullptr;
    const int error = call(&entry, strings.data(), room, &found);
    if (error == EINTR) continue;
    if (error == ERANGE && room < kMostRoom) {
      room *= 4;
      continue;
    }
    // The manual page lists these for a name that is not found, beside 0.
    const bool unknown = error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
    if (found == nullptr && !unknown) throw SystemError(env, -error, {syscall});
    return use(found);
  }
}

// userId(name), groupId(name): number, or -1
static Napi::Value UserId(const Napi::CallbackInfo& info) {
  const std::string name = Arguments(info).CString(0, "name");
  return Look<passwd>(
      info.Env(), "getpwnam_r", [&](auto... rest) { return ::getpwnam_r(name.c_str(), rest...); },
      [&](passwd* found) { return Napi::Number::New(info.Env(), found == nullptr ? -1.0 : found->pw_uid); });
}
static Napi::Value GroupId(const Napi::CallbackInfo& info) {
  const std::string name = Arguments(info).CString(0, "name");
  return Look<group>(
      info.Env(), "getgrnam_r", [&](auto... rest) { return ::getgrnam_r(name.c_str(), rest...); },
      [&](group* found) { return Napi::Number::New(info.Env(), found == nullptr ? -1.0 : found->gr_gid); });
}

// account(uid): { name, gid, home } of the first account with this number, or undefined
static Napi::Value Account(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int64_t uid = Arguments(info).Offset(0, "uid");
  if (uid < 0 || uid >= UINT32_MAX) return env.Undefined();
  const auto call = [&](auto... rest) { return ::getpwuid_r(static_cast<uid_t>(uid), rest...); };
  return Look<passwd>(env, "getpwuid_r", call, [&](passwd* found) -> Napi::Value {
    if (found == nullptr) return env.Undefined();
    Napi::Object result = Napi::Object::New(env);
    result.Set("name", found->pw_name);
    result.Set("gid", Napi::Number::New(env, found->pw_gid));
    result.Set("home", found->pw_dir);
    return result;
  });
}

// groupsOf(name, gid): the numbers of an account's groups, that one among them. getgrouplist(3)
static Napi::Value GroupsOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments args(info);
  const std::string name = args.CString(0, "name");
  const int64_t gid = args.Offset(1, "gid");
  if (gid < 0 || gid >= UINT32_MAX) throw SystemError(env, -EINVAL, {"getgrouplist"});
  std::vector<gid_t> ids(32);
  int count = ids.size();
  while (::getgrouplist(name.c_str(), static_cast<gid_t>(gid), ids.data(), &count) < 0) {
    // The C library has set `count` to how many there are; one may have come since.
    ids.resize(static_cast<size_t>(count) > ids.size() ? count : ids.size() * 2);
    if (ids.size() > kMostGroups) throw SystemError(env, -ERANGE, {"getgrouplist"});
    count = ids.size();
  }
  Napi::Array numbers = Napi::Array::New(env, count);
  for (int i = 0; i < count; i++) numbers.Set(i, Napi::Number::New(env, ids[i]));
  return numbers;
}

void InitAccounts(Napi::Object exports) {
  Export(exports, "userId", UserId);
  Export(exports, "groupId", GroupId);
  Export(exports, "account", Account);
  Export(exports, "groupsOf", GroupsOf);
}
