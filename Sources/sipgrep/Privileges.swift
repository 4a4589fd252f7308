import Glibc
import SIPKit

/// `-Z USER`: root is needed to open a device and for nothing after that.
enum Privileges {
    /// `--chroot`: from here on there is nothing outside the folder.
    static func enter(_ root: String?) throws(Failure) {
        guard let root else { return }
        // What is asked for once must be in memory before it is out of reach: the time zone.
        tzset()
        guard chroot(root) == 0, chdir("/") == 0 else {
            throw Failure("--chroot \(Printable.text(root.utf8)): \(String(cString: strerror(errno)))")
        }
    }

    /// Becomes the user for good. Without root's rights there is nothing to give up, and nothing happens.
    ///
    /// - Throws: ``Failure`` when there is no such user or the system refuses: going on as root would be worse.
    static func drop(to user: String) throws(Failure) {
        guard geteuid() == 0 else { return }
        let shown = Printable.text(user.utf8)
        guard let entry = getpwnam(user) else { throw Failure("-Z \(shown): there is no such user") }
        let (uid, gid) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
        guard initgroups(user, gid) == 0, setgid(gid) == 0, setuid(uid) == 0 else {
            throw Failure("-Z \(shown): \(String(cString: strerror(errno)))")
        }
        guard uid == 0 || setuid(0) != 0 else { throw Failure("-Z \(shown): root's rights could not be given up") }
    }
}
