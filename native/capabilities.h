#pragma once
#include <napi.h>

// Each capability puts its functions on the addon's exports; one file each.
void InitProcess(Napi::Env env, Napi::Object exports);
void InitFile(Napi::Env env, Napi::Object exports);
void InitSocket(Napi::Env env, Napi::Object exports);
void InitMessage(Napi::Env env, Napi::Object exports);
void InitPeer(Napi::Env env, Napi::Object exports);
void InitFilter(Napi::Env env, Napi::Object exports);
void InitPidfd(Napi::Env env, Napi::Object exports);
void InitSeals(Napi::Env env, Napi::Object exports);
void InitThreadCredentials(Napi::Env env, Napi::Object exports);
void InitDatagram(Napi::Env env, Napi::Object exports);
void InitSockDiag(Napi::Env env, Napi::Object exports);
void InitAccounts(Napi::Env env, Napi::Object exports);
void InitCredentials(Napi::Env env, Napi::Object exports);
void InitHeap(Napi::Env env, Napi::Object exports);
void InitScavenges(Napi::Env env, Napi::Object exports);
void InitStrings(Napi::Env env, Napi::Object exports);
void InitSharedMemory(Napi::Env env, Napi::Object exports);
void InitAcceptor(Napi::Env env, Napi::Object exports);
void InitReadable(Napi::Env env, Napi::Object exports);
void InitSignals(Napi::Env env, Napi::Object exports);
void InitFork(Napi::Env env, Napi::Object exports);
