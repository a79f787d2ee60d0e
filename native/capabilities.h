#pragma once
#include <napi.h>

// Each capability puts its functions on the addon's exports; one file each.
void InitProcess(Napi::Object exports);
void InitFile(Napi::Object exports);
void InitSocket(Napi::Object exports);
void InitMessage(Napi::Object exports);
void InitPeer(Napi::Object exports);
void InitFilter(Napi::Object exports);
void InitPidfd(Napi::Object exports);
void InitSeals(Napi::Object exports);
void InitAccounts(Napi::Object exports);
void InitCredentials(Napi::Object exports);
void InitHeap(Napi::Object exports);
void InitScavenges(Napi::Object exports);
void InitStrings(Napi::Object exports);
void InitSharedMemory(Napi::Object exports);
void InitAcceptor(Napi::Object exports);
void InitReadable(Napi::Object exports);
void InitSignals(Napi::Object exports);
void InitFork(Napi::Object exports);

// Puts a function under its name on the exports.
template <typename Function>
void Export(Napi::Object exports, const char* name, Function function) {
  exports.Set(name, Napi::Function::New(exports.Env(), function, name));
}
