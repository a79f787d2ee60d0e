#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments.h"
#include "capabilities.h"
#include "descriptor.h"
#include "errors.h"

// createSharedMemory(name, size): fd of memory that is zero, and may be sealed
static Napi::Value CreateSharedMemory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments args(info);
  const std::string name = args.CString(0, "name");
  const int64_t size = args.Offset(1, "size");
  Descriptor memory(Check(env, Retry([&] { return ::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING); }), {"memfd_create"}));
  Check(env, Retry([&] { return ::ftruncate(memory.get(), size); }), {"ftruncate"});
  const Napi::Value fd = Napi::Number::New(env, memory.get());
  memory.release();
  return fd;
}

// The most bytes in one mapping: every Node that this runs on has ArrayBuffers of that size. For more than its own most,
// Node both fails and calls the finalizer, and does not survive that itself.
static constexpr int64_t kMaxMapping = int64_t{1} << 31;

// mapSharedMemory(fd, size, readOnly): ArrayBuffer, unmapped when it is collected. ENXIO where the file is shorter: an
// access beyond its last page would be SIGBUS, mmap(2). EOVERFLOW for more than 2 GiB.
static Napi::Value MapSharedMemory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments args(info);
  const int fd = args.Int(0, "fd");
  const int64_t length = args.Offset(1, "size");
  const int access = args.Bool(2, "readOnly") ? PROT_READ : PROT_READ | PROT_WRITE;
  const size_t size = length < 0 ? 0 : length;  // mmap's EINVAL

  struct stat file;
  Check(env, Retry([&] { return ::fstat(fd, &file); }), {"mmap"});
  if (length > file.st_size) throw SystemError(env, -ENXIO, {"mmap"});
  if (length > kMaxMapping) throw SystemError(env, -EOVERFLOW, {"mmap"});
  void* memory = ::mmap(nullptr, size, access, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) throw SystemError(env, -errno, {"mmap"});
  const auto unmap = [size](Napi::Env, void* data) { ::munmap(data, size); };
  try {
    return Napi::ArrayBuffer::New(env, memory, size, unmap);
  } catch (const Napi::Error&) {
    ::munmap(memory, size);
    throw;
  }
}

void InitSharedMemory(Napi::Object exports) {
  Export(exports, "createSharedMemory", CreateSharedMemory);
  Export(exports, "mapSharedMemory", MapSharedMemory);
}
