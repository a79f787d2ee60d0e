#include "capabilities.h"

static Napi::Object Init(Napi::Env, Napi::Object exports) {
  InitProcess(exports);
  InitFile(exports);
  InitSocket(exports);
  InitMessage(exports);
  InitPeer(exports);
  InitFilter(exports);
  InitPidfd(exports);
  InitSeals(exports);
  InitAccounts(exports);
  InitCredentials(exports);
  InitHeap(exports);
  InitScavenges(exports);
  InitStrings(exports);
  InitSharedMemory(exports);
  InitAcceptor(exports);
  InitReadable(exports);
  InitSignals(exports);
  InitFork(exports);
  return exports;
}

NODE_API_MODULE(prefork, Init)
