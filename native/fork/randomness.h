#pragma once
#include <napi.h>

// Math.random is a generator whose state is copied by a fork: siblings would draw the same numbers. JavaScript
// cannot seed it, so its state is found in the engine's memory by what the function does, and checked by the
// engine's arithmetic before anything is written. Returns false, and has written nothing, when it is not found.
bool ReseedMathRandom(Napi::Env env, Napi::Function random);
