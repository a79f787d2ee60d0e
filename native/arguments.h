#pragma once
#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

// Reads the positional arguments of one call, each checked: a wrong type throws a TypeError with the code
// ERR_INVALID_ARG_TYPE, a number that is no integer of the wanted size a RangeError with ERR_OUT_OF_RANGE.
class Arguments {
 public:
  explicit Arguments(const Napi::CallbackInfo& info) : info_(info) {}

  int Int(size_t index, const char* name) const;
  int Port(size_t index, const char* name) const;
  // An integer that a JavaScript number holds exactly: up to 53 bits.
  int64_t Offset(size_t index, const char* name) const;
  bool Bool(size_t index, const char* name) const;
  std::string String(size_t index, const char* name) const;
  // A string that C takes whole: one with a NUL in it throws a TypeError with the code ERR_INVALID_ARG_VALUE.
  std::string CString(size_t index, const char* name) const;
  std::vector<std::string> CStrings(size_t index, const char* name) const;
  Napi::Function Function(size_t index, const char* name) const;
  std::vector<int> Ints(size_t index, const char* name) const;
  std::vector<int64_t> Offsets(size_t index, const char* name) const;

  struct Bytes {
    uint8_t* data;
    size_t length;
  };
  // The part of a Uint8Array that the offset and the length at index + 1 and index + 2 select. To be read after
  // CStrings(), Ints() and Offsets(): the elements of an array may be getters, which may detach or shrink the buffer. What comes
  // later must not run JavaScript either, until the call is made.
  Bytes Slice(size_t index, const char* name) const;

 private:
  template <typename Number>
  std::vector<Number> Integers(size_t index, const char* name, int64_t least, int64_t most) const;
  int64_t Integer(const Napi::Value& value, const char* name, int64_t least, int64_t most) const;
  Napi::TypeError WrongType(const char* name, const char* wanted) const;
  std::string CString(const Napi::Value& value, const char* name) const;

  const Napi::CallbackInfo& info_;
};
