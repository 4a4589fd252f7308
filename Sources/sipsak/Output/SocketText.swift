import SIPNet

/// What an errno means, in the system's words.
enum SocketText {
    static func error(_ code: Int32) -> String { SocketError.text(of: code) }
}
