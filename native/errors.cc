#include "errors.h"

#include <uv.h>

#include <cctype>
#include <cstring>

// The errors of Linux that libuv has no name for; errno(3). The C library knows their names only since glibc 2.32.
#define PREFORK_OTHER_ERRORS(X) \
  X(ENOEXEC) X(ECHILD) X(ENOTBLK) X(EDOM) X(EDEADLK) X(ENOLCK) X(ENOMSG) X(EIDRM) X(ECHRNG) X(EL2NSYNC) \
  X(EL3HLT) X(EL3RST) X(ELNRNG) X(ENOCSI) X(EL2HLT) X(EBADE) X(EBADR) X(EXFULL) X(ENOANO) X(EBADRQC) X(EBADSLT) \
  X(EBFONT) X(ENOSTR) X(ETIME) X(ENOSR) X(ENOPKG) X(EREMOTE) X(ENOLINK) X(EADV) X(ESRMNT) X(ECOMM) X(EMULTIHOP) \
  X(EDOTDOT) X(EBADMSG) X(ENOTUNIQ) X(EBADFD) X(EREMCHG) X(ELIBACC) X(ELIBBAD) X(ELIBSCN) X(ELIBMAX) \
  X(ELIBEXEC) X(ERESTART) X(ESTRPIPE) X(EUSERS) X(EPFNOSUPPORT) X(ENETRESET) X(ETOOMANYREFS) X(EINPROGRESS) \
  X(ESTALE) X(EUCLEAN) X(ENOTNAM) X(ENAVAIL) X(EISNAM) X(EDQUOT) X(ENOMEDIUM) X(EMEDIUMTYPE) X(ENOKEY) \
  X(EKEYEXPIRED) X(EKEYREVOKED) X(EKEYREJECTED) X(EOWNERDEAD) X(ENOTRECOVERABLE) X(ERFKILL) X(EHWPOISON)

static const char* OtherName(int number) {
  switch (number) {
#define PREFORK_CASE(name) \
  case name: return #name;
    PREFORK_OTHER_ERRORS(PREFORK_CASE)
#undef PREFORK_CASE
    default: return nullptr;
  }
}

// strerror_r(3) returns the text in glibc; in musl a status, with the text in the buffer.
[[maybe_unused]] static const char* TextFrom(const char* text, const char*) { return text; }
[[maybe_unused]] static const char* TextFrom(int, const char* buffer) { return buffer; }

// libuv's name and text of an error, as Node prints them; where libuv has none (ECHILD, ESTALE), the C library's text.
static void Describe(int negated_errno, std::string& code, std::string& text) {
  char buffer[256];
  code = uv_err_name_r(negated_errno, buffer, sizeof buffer);
  text = uv_strerror_r(negated_errno, buffer, sizeof buffer);
  const char* name = OtherName(-negated_errno);
  if (name == nullptr || code.rfind("Unknown", 0) != 0) return;
  code = name;
  text = TextFrom(::strerror_r(-negated_errno, buffer, sizeof buffer), buffer);
  text[0] = static_cast<char>(std::tolower(text[0]));
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
