import SIPKit

/// The session descriptions of a test call: one audio stream of G.711 (RFC 3264).
enum MediaOffer {
    static func bytes(host: SocketAddress, session: UInt32, formats: [UInt8] = [0, 8]) -> [UInt8] {
        let family = host.ip.family == .v4 ? "IP4" : "IP6"
        var text = "v=0\r\no=sipsak \(session) \(session) IN \(family) \(host.ip)\r\ns=sipsak\r\n"
        text += "c=IN \(family) \(host.ip)\r\nt=0 0\r\n"
        text += "m=audio \(host.port) RTP/AVP \(formats.map { "\($0)" }.joined(separator: " "))\r\n"
        for format in formats { text += "a=rtpmap:\(format) \(format == 8 ? "PCMA" : "PCMU")/8000\r\n" }
        return Array((text + "a=ptime:20\r\na=sendrecv\r\n").utf8)
    }

    /// Where a peer wants audio, and in which of our formats; `nil` where there is no such stream.
    static func audio(in message: SIPMessage) -> (place: SocketAddress, format: UInt8)? {
        let body = message.body
        guard !body.isEmpty, let description = try? SessionDescription(parsing: message.span, body) else { return nil }
        for media in description.media where message.span.equalsIgnoringCase(media.kind, "audio") {
            guard media.portNumber > 0, let connection = description.connection(of: media, in: message.span),
                let ip = IPAddress(parsing: message.span, connection.address)
            else { continue }
            let formats = message.text(media.formats).split(separator: " ")
            guard let format = formats.first(where: { $0 == "0" || $0 == "8" }) else { continue }
            return (SocketAddress(ip, media.portNumber), format == "8" ? 8 : 0)
        }
        return nil
    }
}
