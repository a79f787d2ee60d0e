#include <grp.h>
#include <pwd.h>

#include <vector>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"

// Room for the strings of one entry; getpwnam_r(3) and getgrnam_r(3) fail with ERANGE when it is too small.
static constexpr size_t kMostRoom = size_t{1} << 20;

// The entry's number; -1 when there is no such name.
template <typename Entry, typename Id>
static Napi::Value Look(const Napi::CallbackInfo& info, int (*call)(const char*, Entry*, char*, size_t, Entry**),
                        Id Entry::*id, const char* syscall) {
  const Napi::Env env = info.Env();
  const std::string name = Arguments(info).CString(0, "name");
  for (size_t room = 1024;; room *= 4) {
    std::vector<char> strings(room);
    Entry entry, *found = nullptr;
    const int error = call(name.c_str(), &entry, strings.data(), room, &found);
    if (error == EINTR || (error == ERANGE && room < kMostRoom)) continue;
    // The manual page lists these for a name that is not found, beside 0.
    const bool unknown = error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
    if (found == nullptr && !unknown) throw SystemError(env, -error, {syscall});
    return Napi::Number::New(env, found == nullptr ? -1 : static_cast<double>(found->*id));
  }
}

// userId(name), groupId(name): number
static Napi::Value UserId(const Napi::CallbackInfo& info) {
  return Look(info, ::getpwnam_r, &passwd::pw_uid, "getpwnam_r");
}
static Napi::Value GroupId(const Napi::CallbackInfo& info) {
  return Look(info, ::getgrnam_r, &group::gr_gid, "getgrnam_r");
}

void InitAccounts(Napi::Env env, Napi::Object exports) {
  exports.Set("userId", Napi::Function::New(env, UserId, "userId"));
  exports.Set("groupId", Napi::Function::New(env, GroupId, "groupId"));
}
