{
  "targets": [
    {
      "target_name": "prefork",
      "dependencies": ["prefork_raw"],
      "sources": [
        "native/addon.cc",
        "native/arguments.cc",
        "native/errors.cc",
        "native/process.cc",
        "native/file.cc",
        "native/socket.cc",
        "native/message.cc",
        "native/peer.cc",
        "native/filter.cc",
        "native/pidfd.cc",
        "native/seals.cc",
        "native/accounts.cc",
        "native/credentials.cc",
        "native/heap.cc",
        "native/scavenges.cc",
        "native/strings.cc",
        "native/shared-memory.cc",
        "native/watch.cc",
        "native/acceptor.cc",
        "native/readable.cc",
        "native/signals.cc",
        "native/fork/binding.cc",
        "native/fork/fork.cc",
        "native/fork/layout.cc",
        "native/fork/libuv.cc",
        "native/fork/loop.cc",
        "native/fork/pool.cc",
        "native/fork/randomness.cc",
        "native/fork/release-workers.cc"
      ],
      "include_dirs": ["<!(node -p \"fs.existsSync('native/vendor') ? 'native/vendor/node-addon-api' : require('node-addon-api').include_dir\")", "native"],
      "defines": ["NAPI_VERSION=8", "NAPI_CPP_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "cflags": ["-Wall", "-Wextra", "-fvisibility=hidden"],
      "cflags_cc": ["-std=c++17"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "ldflags": ["-Wl,-z,now"]
    },
    {
      "target_name": "prefork_raw",
      "type": "static_library",
      "sources": [
        "native/fork/attempt.cc",
        "native/fork/descriptors.cc",
        "native/fork/look.cc",
        "native/fork/memory.cc",
        "native/fork/park.cc",
        "native/fork/rings.cc",
        "native/fork/threads.cc",
        "native/fork/workers.cc"
      ],
      "include_dirs": ["native"],
      "cflags": ["-Wall", "-Wextra", "-fvisibility=hidden", "-fno-exceptions", "-fno-sanitize=all", "-fno-stack-protector"],
      "cflags_cc": ["-std=c++17"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"]
    }
  ]
}
