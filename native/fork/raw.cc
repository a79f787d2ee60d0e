#include "fork/raw.h"

asm(".text\n"
    ".global prefork_restorer\n"
    ".hidden prefork_restorer\n"
    ".type prefork_restorer, @function\n"
    "prefork_restorer:\n"
    "  mov $15, %eax\n"
    "  syscall\n"
    ".size prefork_restorer, .-prefork_restorer\n");
