import Glibc

/// Where the control socket is when nobody says where: a folder of the user's own, and the port in the name.
enum ControlSocketPath {
    private static var folder: String {
        if let folder = getenv("XDG_RUNTIME_DIR").map({ String(cString: $0) }), !folder.isEmpty { return folder }
        return "/tmp"
    }

    private static var prefix: String { "miniproxy-\(getuid())-" }

    static func standard(port: UInt16) -> String { "\(self.folder)/\(self.prefix)\(port).sock" }

    /// The sockets that proxies of this user have left or have, by name.
    static func existing() -> [String] {
        guard let folder = opendir(self.folder) else { return [] }
        defer { closedir(folder) }
        var found: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(self.prefix), name.hasSuffix(".sock") { found.append("\(self.folder)/\(name)") }
        }
        return found.sorted()
    }
}
