#!/bin/sh
# The first process of the emulated machine: mounts what programs expect, gets the project from the host through the
# folder /share, runs the steps, and powers the machine off.
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm /share /run /tmp
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t tmpfs run /run
mount -t tmpfs -o size=80% tmp /tmp
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
hostname arm64
ip link set lo up
for module in /modules/*.ko; do insmod "$module"; done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=mmap share /share
echo "arm64: up after $(cut -d' ' -f1 /proc/uptime) s: Linux $(uname -r), pages of $(getconf PAGESIZE) bytes"
mkdir /tmp/prefork
cd /tmp/prefork && tar xf /share/project.tar
setsid node scripts/arm64/steps.mjs </dev/null
sync
echo o >/proc/sysrq-trigger
sleep 60
