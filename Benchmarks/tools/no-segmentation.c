/* For LD_PRELOAD: a kernel without UDP_SEGMENT, so that compare-sipsak can measure the flood's other path. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

int setsockopt(int fd, int level, int option, const void *value, socklen_t length) {
    static int (*next)(int, int, int, const void *, socklen_t);
    if (!next) next = (int (*)(int, int, int, const void *, socklen_t))dlsym(RTLD_NEXT, "setsockopt");
    if (level == IPPROTO_UDP && option == 103) return errno = ENOPROTOOPT, -1;
    return next(fd, level, option, value, length);
}
