import Glibc

@testable import miniproxy

/// The call processing scripts of the documents, beside the package.
enum CPLDocuments {
    static let isThere = SharedFiles.configurations != nil
    private static var folder: String { (SharedFiles.configurations ?? "") + "/../cpl" }

    static func bytes(_ name: String) throws -> [UInt8] { try ScriptFile.read("\(Self.folder)/\(name)").bytes }

    /// The names of the files in `cpl/` and below it, in order.
    static func names(_ subfolder: String = "") -> [String] {
        guard let listing = opendir("\(Self.folder)/\(subfolder)") else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".xml") { names.append(name) }
        }
        return names.sorted()
    }
}
