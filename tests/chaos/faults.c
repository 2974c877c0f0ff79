/* Preloaded into a program under test: counts the calls that change the disk, and lets one of them go wrong.
 *
 * CHAOS_STATE names a file that every process of one run maps, so that counts are of the run and not of a process.
 * Only calls on paths below `root` count. Call number `target` fails with an error, or the program is killed before
 * it, after it, or in the middle of what it writes. Once one process is killed, all others die at their next call:
 * the machine has stopped. The driver (preload.py) fills the state in and knows its layout.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { NOTHING, EIO_ONCE, ENOSPC_ONCE, KILL_BEFORE, KILL_AFTER, TORN, DISK_FULL };
enum verdict { GO, FAIL, DIE_AFTER, DIE_HALFWAY, FAIL_HALFWAY };

struct state {
    _Atomic int64_t count;
    int64_t target;
    int32_t kind;
    int32_t is_armed;
    _Atomic int32_t is_hit;
    _Atomic int32_t is_dead;
    _Atomic int32_t is_full;
    int32_t unused;
    char root[1024];
    char log[1024];
};

static struct state *state;

/* Of a rename or a link: what gets the new name, for the log. */
static __thread const char *origin;

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CHAOS_STATE");
    if (!path) return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *place = mmap(NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (place != MAP_FAILED) state = place;
}

static void die(void) {
    state->is_dead = 1;
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    for (;;) pause();
}

static void resolve(int at, const char *path, char *out, size_t size) {
    char link[64], base[PATH_MAX];
    if (path && path[0] == '/') {
        snprintf(out, size, "%s", path);
        return;
    }
    if (at == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, base, sizeof base - 1);
    base[length < 0 ? 0 : length] = 0;
    if (path && path[0]) snprintf(out, size, "%s/%s", base, path);
    else snprintf(out, size, "%s", base);
}

static int is_ours(const char *path) {
    size_t length = strlen(state->root);
    return !strncmp(path, state->root, length) && (path[length] == '/' || !path[length]);
}

static void note(int64_t number, const char *call, const char *path) {
    char line[2 * PATH_MAX + 64], from[PATH_MAX * 2] = "";
    size_t below = strlen(state->root);
    if (origin) resolve(AT_FDCWD, origin, from, sizeof from);
    int length = snprintf(line, sizeof line, "%lld\t%s\t%s\t%s\n", (long long)number, call,
                          is_ours(from) ? from + below : "", path + below);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, state->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    syscall(SYS_write, fd, line, (size_t)length);
    syscall(SYS_close, fd);
}

/* What becomes of a call; `takes_room` is one that a full disk refuses, `has_halves` one that may be done in part. */
static enum verdict judge(const char *call, int at, const char *path, int takes_room, int has_halves) {
    char whole[PATH_MAX * 2];
    if (!state || !state->is_armed) return GO;
    resolve(at, path, whole, sizeof whole);
    if (!is_ours(whole)) {
        origin = NULL;
        return GO;
    }
    if (state->is_dead) die();
    int saved = errno;
    int64_t number = ++state->count;
    note(number, call, whole);
    origin = NULL;
    errno = saved;
    if (state->is_full && takes_room) {
        errno = ENOSPC;
        return FAIL;
    }
    if (number != state->target) return GO;
    state->is_hit = 1;
    switch (state->kind) {
    case EIO_ONCE: errno = EIO; return FAIL;
    case ENOSPC_ONCE: errno = ENOSPC; return FAIL;
    case KILL_BEFORE: die(); return FAIL;
    case KILL_AFTER: return DIE_AFTER;
    case TORN:
        if (!has_halves) die();
        return DIE_HALFWAY;
    case DISK_FULL:
        state->is_full = 1;
        if (!takes_room) return GO;
        errno = ENOSPC;
        return has_halves ? FAIL_HALFWAY : FAIL;
    default: return GO;
    }
}

/* A call that cannot be done by halves. */
#define PLAIN(call, at, path, takes_room, doing) \
    enum verdict verdict = judge(call, at, path, takes_room, 0); \
    if (verdict == FAIL) return -1; \
    __typeof__(doing) result = (doing); \
    if (verdict == DIE_AFTER) die(); \
    return result

/* A call that writes `size` bytes; `doing` uses `part`. A full disk takes the first half of the first write. */
#define WRITING(call, fd, size, doing) \
    size_t part = (size); \
    enum verdict verdict = judge(call, fd, NULL, 1, part > 1); \
    if (verdict == FAIL) return -1; \
    if (verdict == DIE_HALFWAY || verdict == FAIL_HALFWAY) part /= 2; \
    ssize_t result = (doing); \
    if (verdict == DIE_AFTER || verdict == DIE_HALFWAY) die(); \
    return result

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    WRITING("write", fd, size, real(fd, data, part));
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t place) {
    REAL(pwrite);
    WRITING("pwrite", fd, size, real(fd, data, part, place));
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t place) {
    REAL(pwrite64);
    WRITING("pwrite", fd, size, real(fd, data, part, place));
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev);
    PLAIN("writev", fd, NULL, 1, real(fd, parts, count));
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t place) {
    REAL(pwritev);
    PLAIN("pwritev", fd, NULL, 1, real(fd, parts, count, place));
}
ssize_t sendfile(int out, int in, off_t *place, size_t size) {
    REAL(sendfile);
    WRITING("sendfile", out, size, real(out, in, place, part));
}
ssize_t sendfile64(int out, int in, off64_t *place, size_t size) {
    REAL(sendfile64);
    WRITING("sendfile", out, size, real(out, in, place, part));
}
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned flags) {
    REAL(copy_file_range);
    WRITING("copy_file_range", out, size, real(in, from, out, to, part, flags));
}
int fsync(int fd) {
    REAL(fsync);
    PLAIN("fsync", fd, NULL, 0, real(fd));
}
int fdatasync(int fd) {
    REAL(fdatasync);
    PLAIN("fdatasync", fd, NULL, 0, real(fd));
}
int ftruncate(int fd, off_t size) {
    REAL(ftruncate);
    PLAIN("ftruncate", fd, NULL, 0, real(fd, size));
}
int ftruncate64(int fd, off64_t size) {
    REAL(ftruncate64);
    PLAIN("ftruncate", fd, NULL, 0, real(fd, size));
}
int truncate(const char *path, off_t size) {
    REAL(truncate);
    PLAIN("truncate", AT_FDCWD, path, 0, real(path, size));
}
int truncate64(const char *path, off64_t size) {
    REAL(truncate64);
    PLAIN("truncate", AT_FDCWD, path, 0, real(path, size));
}
int posix_fallocate(int fd, off_t place, off_t size) {
    REAL(posix_fallocate);
    enum verdict verdict = judge("fallocate", fd, NULL, 1, 0);
    if (verdict == FAIL) return errno;
    int result = real(fd, place, size);
    if (verdict == DIE_AFTER) die();
    return result;
}
int rename(const char *from, const char *to) {
    REAL(rename);
    origin = from;
    PLAIN("rename", AT_FDCWD, to, 0, real(from, to));
}
int renameat(int at, const char *from, int to_at, const char *to) {
    REAL(renameat);
    origin = from;
    PLAIN("rename", to_at, to, 0, real(at, from, to_at, to));
}
int renameat2(int at, const char *from, int to_at, const char *to, unsigned flags) {
    REAL(renameat2);
    origin = from;
    PLAIN("rename", to_at, to, 0, real(at, from, to_at, to, flags));
}
int link(const char *from, const char *to) {
    REAL(link);
    origin = from;
    PLAIN("link", AT_FDCWD, to, 1, real(from, to));
}
int linkat(int at, const char *from, int to_at, const char *to, int flags) {
    REAL(linkat);
    origin = from;
    PLAIN("link", to_at, to, 1, real(at, from, to_at, to, flags));
}
int symlink(const char *from, const char *to) {
    REAL(symlink);
    PLAIN("symlink", AT_FDCWD, to, 1, real(from, to));
}
int symlinkat(const char *from, int at, const char *to) {
    REAL(symlinkat);
    PLAIN("symlink", at, to, 1, real(from, at, to));
}
int unlink(const char *path) {
    REAL(unlink);
    PLAIN("unlink", AT_FDCWD, path, 0, real(path));
}
int unlinkat(int at, const char *path, int flags) {
    REAL(unlinkat);
    PLAIN(flags & AT_REMOVEDIR ? "rmdir" : "unlink", at, path, 0, real(at, path, flags));
}
int rmdir(const char *path) {
    REAL(rmdir);
    PLAIN("rmdir", AT_FDCWD, path, 0, real(path));
}
int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    PLAIN("mkdir", AT_FDCWD, path, 1, real(path, mode));
}
int mkdirat(int at, const char *path, mode_t mode) {
    REAL(mkdirat);
    PLAIN("mkdir", at, path, 1, real(at, path, mode));
}
int chmod(const char *path, mode_t mode) {
    REAL(chmod);
    PLAIN("chmod", AT_FDCWD, path, 0, real(path, mode));
}
int fchmod(int fd, mode_t mode) {
    REAL(fchmod);
    PLAIN("chmod", fd, NULL, 0, real(fd, mode));
}
int fchmodat(int at, const char *path, mode_t mode, int flags) {
    REAL(fchmodat);
    PLAIN("chmod", at, path, 0, real(at, path, mode, flags));
}
int utimensat(int at, const char *path, const struct timespec times[2], int flags) {
    REAL(utimensat);
    PLAIN("utime", at, path, 0, real(at, path, times, flags));
}
int futimens(int fd, const struct timespec times[2]) {
    REAL(futimens);
    PLAIN("utime", fd, NULL, 0, real(fd, times));
}

/* Opening changes the disk only where it makes a file or empties one. */
#define MAKING (O_CREAT | O_TRUNC)
#define OPENING(at, path, flags, doing) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    } \
    if (!((flags) & MAKING)) return (doing); \
    PLAIN("open", at, path, ((flags) & O_CREAT) != 0, doing)

int open(const char *path, int flags, ...) {
    REAL(open);
    OPENING(AT_FDCWD, path, flags, real(path, flags, mode));
}
int open64(const char *path, int flags, ...) {
    REAL(open64);
    OPENING(AT_FDCWD, path, flags, real(path, flags, mode));
}
int openat(int at, const char *path, int flags, ...) {
    REAL(openat);
    OPENING(at, path, flags, real(at, path, flags, mode));
}
int openat64(int at, const char *path, int flags, ...) {
    REAL(openat64);
    OPENING(at, path, flags, real(at, path, flags, mode));
}

/* A stream writes inside libc, past us; what can be caught is its beginning. A test looks for other calls past us. */
#define STREAM(path, how, doing) \
    enum verdict verdict = strchr(how, 'r') && !strchr(how, '+') ? GO : judge("fopen", AT_FDCWD, path, 1, 0); \
    if (verdict == FAIL) return NULL; \
    FILE *result = (doing); \
    if (verdict == DIE_AFTER) die(); \
    return result

FILE *fopen(const char *path, const char *how) {
    REAL(fopen);
    STREAM(path, how, real(path, how));
}
FILE *fopen64(const char *path, const char *how) {
    REAL(fopen64);
    STREAM(path, how, real(path, how));
}
