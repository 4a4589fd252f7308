import Glibc

/// Where SER's script looked when it was given no file: the newest `sip.*` in /var/log/sip.
enum DefaultLog {
    static let folder = "/var/log/sip"

    /// All of them, by name.
    static func all(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var paths: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix("sip.") else { continue }
            var status = stat()
            let path = "\(folder)/\(name)"
            if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG { paths.append(path) }
        }
        return paths.sorted()
    }

    static func newest(in folder: String = Self.folder) -> String? {
        guard let directory = opendir(folder) else { return nil }
        defer { closedir(directory) }
        var best: (path: String, time: Int)? = nil
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix("sip.") else { continue }
            let path = "\(folder)/\(name)"
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            if best == nil || status.st_mtim.tv_sec > best?.time ?? 0 { best = (path, status.st_mtim.tv_sec) }
        }
        return best?.path
    }
}
