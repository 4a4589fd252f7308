import SIPKit

/// The branches that a script or a lookup has added besides the Request-URI; at most twelve, as SER's.
///
/// Texts stand one behind the other in one array that is kept from message to message.
struct BranchList {
    struct Branch: BitwiseCopyable {
        var uri: ByteRange
        /// Where to send to instead; empty where that is the URI.
        var destinationURI: ByteRange
        /// Thousandths; -1 where none was given.
        var q: Int16
        var flags: UInt32
        /// The route to a binding behind other proxies (RFC 3327); mostly empty.
        var path: ByteRange
        /// Our socket that the contact was registered at; `nil` where the branch is none of our contacts.
        var socket: SendSocket?
    }

    static let limit = 12
    private(set) var branches: [Branch] = []
    private(set) var texts: [UInt8] = []

    var count: Int { self.branches.count }
    var isEmpty: Bool { self.branches.isEmpty }
    subscript(place: Int) -> Branch { self.branches[place] }

    mutating func clear() {
        guard !self.branches.isEmpty else { return }
        self.branches.removeAll(keepingCapacity: true)
        self.texts.removeAll(keepingCapacity: true)
    }

    /// - Returns: `false` when there are twelve already.
    mutating func append(
        uri: [UInt8], destinationURI: [UInt8] = [], q: Int16 = -1, flags: UInt32 = 0, path: [UInt8] = [],
        socket: SendSocket? = nil
    ) -> Bool {
        guard self.branches.count < Self.limit else { return false }
        let start = self.texts.count
        self.texts += uri
        let middle = self.texts.count
        self.texts += destinationURI
        let end = self.texts.count
        self.texts += path
        self.branches.append(
            Branch(
                uri: ByteRange(start, middle), destinationURI: ByteRange(middle, end), q: q, flags: flags,
                path: ByteRange(end, self.texts.count), socket: socket))
        return true
    }

    mutating func setFlags(_ flags: UInt32, of place: Int) { self.branches[place].flags = flags }

    /// - Returns: `false` where there is no such branch.
    mutating func remove(_ place: Int) -> Bool {
        guard self.branches.indices.contains(place) else { return false }
        self.branches.remove(at: place)
        return true
    }

    func uri(_ place: Int) -> [UInt8] { Array(self.texts[self.branches[place].uri.indices]) }
    func path(_ place: Int) -> [UInt8] { Array(self.texts[self.branches[place].path.indices]) }
    func destinationURI(_ place: Int) -> [UInt8] { Array(self.texts[self.branches[place].destinationURI.indices]) }
}
