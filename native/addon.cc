#include "capabilities.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  InitProcess(env, exports);
  InitFile(env, exports);
  InitSocket(env, exports);
  InitMessage(env, exports);
  InitPeer(env, exports);
  InitFilter(env, exports);
  InitPidfd(env, exports);
  InitSeals(env, exports);
  InitThreadCredentials(env, exports);
  InitDatagram(env, exports);
  InitSockDiag(env, exports);
  InitAccounts(env, exports);
  InitCredentials(env, exports);
  InitHeap(env, exports);
  InitScavenges(env, exports);
  InitStrings(env, exports);
  InitSharedMemory(env, exports);
  InitAcceptor(env, exports);
  InitReadable(env, exports);
  InitSignals(env, exports);
  InitFork(env, exports);
  return exports;
}

NODE_API_MODULE(prefork, Init)
