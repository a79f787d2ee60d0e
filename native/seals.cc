#include <fcntl.h>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"

// addSeals(fd, seals): F_ADD_SEALS in fcntl(2)
static void AddSeals(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const int seals = args.Int(1, "seals");
  Check(info.Env(), Retry([&] { return ::fcntl(fd, F_ADD_SEALS, seals); }), {"fcntl"});
}

// getSeals(fd): F_GET_SEALS in fcntl(2)
static Napi::Value GetSeals(const Napi::CallbackInfo& info) {
  const int fd = Arguments(info).Int(0, "fd");
  return Napi::Number::New(info.Env(), Check(info.Env(), Retry([&] { return ::fcntl(fd, F_GET_SEALS); }), {"fcntl"}));
}

void InitSeals(Napi::Object exports) {
  Export(exports, "addSeals", AddSeals);
  Export(exports, "getSeals", GetSeals);
}
