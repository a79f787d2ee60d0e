#include "errors.h"

#include <uv.h>

#include <cctype>
#include <cstring>

// libuv's name and text of an error, as Node prints them; the C library's where libuv has none (ECHILD, ESTALE).
static void Describe(int negated_errno, std::string& code, std::string& text) {
  char buffer[256];
  code = uv_err_name_r(negated_errno, buffer, sizeof buffer);
  text = uv_strerror_r(negated_errno, buffer, sizeof buffer);
#if __GLIBC_PREREQ(2, 32)
  const char* name = ::strerrorname_np(-negated_errno);
  if (name == nullptr || code.rfind("Unknown", 0) != 0) return;
  code = name;
  text = ::strerrordesc_np(-negated_errno);
  text[0] = static_cast<char>(std::tolower(text[0]));
#endif
}

Napi::Error SystemError(Napi::Env env, int negated_errno, const Attempt& attempt) {
  std::string code, text;
  Describe(negated_errno, code, text);

  std::string message = attempt.syscall + (" " + code) + ": " + text;
  if (attempt.port >= 0) message += " " + attempt.address;
  if (attempt.port > 0) message += ":" + std::to_string(attempt.port);
  if (!attempt.path.empty()) message += " " + attempt.path;

  Napi::Error error = Napi::Error::New(env, message);
  error.Set("errno", Napi::Number::New(env, negated_errno));
  error.Set("code", code);
  error.Set("syscall", attempt.syscall);
  if (attempt.port >= 0) error.Set("address", attempt.address);
  if (attempt.port >= 0) error.Set("port", Napi::Number::New(env, attempt.port));
  if (!attempt.path.empty()) error.Set("path", attempt.path);
  return error;
}
