#include "arguments.h"

#include <climits>
#include <cmath>

static constexpr int64_t kMaxSafeInteger = (int64_t{1} << 53) - 1;

template <typename Error>
static Error Coded(Napi::Env env, const char* code, const std::string& message) {
  Error error = Error::New(env, message);
  error.Set("code", code);
  return error;
}

Napi::TypeError Arguments::WrongType(const char* name, const char* wanted) const {
  return Coded<Napi::TypeError>(info_.Env(), "ERR_INVALID_ARG_TYPE",
                                std::string("The \"") + name + "\" argument must be " + wanted);
}

int64_t Arguments::Integer(const Napi::Value& value, const char* name, int64_t least, int64_t most) const {
  double number;
  if (napi_get_value_double(info_.Env(), value, &number) != napi_ok) throw WrongType(name, "of type number");
  if (std::trunc(number) == number && number >= static_cast<double>(least) && number <= static_cast<double>(most))
    return static_cast<int64_t>(number);
  const std::string bounds = " >= " + std::to_string(least) + " and <= " + std::to_string(most);
  throw Coded<Napi::RangeError>(info_.Env(), "ERR_OUT_OF_RANGE",
                                std::string("The value of \"") + name + "\" is out of range. It must be an integer" + bounds);
}

int Arguments::Int(size_t index, const char* name) const {
  return static_cast<int>(Integer(info_[index], name, INT_MIN, INT_MAX));
}

int Arguments::Port(size_t index, const char* name) const {
  return static_cast<int>(Integer(info_[index], name, 0, 65535));
}

int64_t Arguments::Offset(size_t index, const char* name) const {
  return Integer(info_[index], name, -kMaxSafeInteger, kMaxSafeInteger);
}

bool Arguments::Bool(size_t index, const char* name) const {
  if (!info_[index].IsBoolean()) throw WrongType(name, "of type boolean");
  return info_[index].As<Napi::Boolean>().Value();
}

std::string Arguments::String(size_t index, const char* name) const {
  if (!info_[index].IsString()) throw WrongType(name, "of type string");
  return info_[index].As<Napi::String>().Utf8Value();
}

std::string Arguments::CString(const Napi::Value& value, const char* name) const {
  if (!value.IsString()) throw WrongType(name, "of type string");
  std::string text = value.As<Napi::String>().Utf8Value();
  if (text.find('\0') == std::string::npos) return text;
  throw Coded<Napi::TypeError>(info_.Env(), "ERR_INVALID_ARG_VALUE",
                               std::string("The argument '") + name + "' must be a string without null bytes");
}

std::string Arguments::CString(size_t index, const char* name) const { return CString(info_[index], name); }

std::vector<std::string> Arguments::CStrings(size_t index, const char* name) const {
  if (!info_[index].IsArray()) throw WrongType(name, "an array of strings");
  const Napi::Array array = info_[index].As<Napi::Array>();
  std::vector<std::string> texts;
  const uint32_t length = array.Length();  // Once: a getter may let the array grow for ever.
  for (uint32_t i = 0; i < length; i++) texts.push_back(CString(array.Get(i), name));
  return texts;
}

Napi::Function Arguments::Function(size_t index, const char* name) const {
  if (!info_[index].IsFunction()) throw WrongType(name, "of type function");
  return info_[index].As<Napi::Function>();
}

template <typename Number>
std::vector<Number> Arguments::Integers(size_t index, const char* name, int64_t least, int64_t most) const {
  if (!info_[index].IsArray()) throw WrongType(name, "an array of integers");
  const Napi::Array array = info_[index].As<Napi::Array>();
  std::vector<Number> numbers;
  const uint32_t length = array.Length();
  for (uint32_t i = 0; i < length; i++)
    numbers.push_back(static_cast<Number>(Integer(array.Get(i), name, least, most)));
  return numbers;
}

std::vector<int> Arguments::Ints(size_t index, const char* name) const {
  return Integers<int>(index, name, INT_MIN, INT_MAX);
}

std::vector<int64_t> Arguments::Offsets(size_t index, const char* name) const {
  return Integers<int64_t>(index, name, -kMaxSafeInteger, kMaxSafeInteger);
}

Arguments::Bytes Arguments::Slice(size_t index, const char* name) const {
  // At once what node-addon-api's Uint8Array would ask for three times.
  napi_typedarray_type type;
  size_t size;
  void* data;
  if (napi_get_typedarray_info(info_.Env(), info_[index], &type, &size, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array)
    throw WrongType(name, "an instance of Uint8Array");
  const int64_t offset = Integer(info_[index + 1], "offset", 0, static_cast<int64_t>(size));
  const int64_t length = Integer(info_[index + 2], "length", 0, static_cast<int64_t>(size) - offset);
  return {static_cast<uint8_t*>(data) + offset, static_cast<size_t>(length)};
}
