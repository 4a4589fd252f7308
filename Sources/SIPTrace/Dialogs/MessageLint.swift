import SIPKit

/// What is wrong with a message on the wire, in a few words each (RFC 3261 §8.1.1, §20): what a viewer should not hide.
public enum MessageLint {
    private static let mandatory: [(HeaderID, String)] = [
        (.via, "Via"), (.from, "From"), (.to, "To"), (.callID, "Call-ID"), (.cSeq, "CSeq"),
    ]

    public static func findings(_ bytes: Span<UInt8>, _ reading: MessageReading, isTruncated: Bool) -> [String] {
        if let error = reading.error { return ["not a SIP message: \(error)"] }
        var found: [String] = []
        if let defect = reading.index.defect, !(isTruncated && defect == .noBlankLine) {
            found.append(Self.sentence(defect))
        }
        if isTruncated { return found }
        for (id, name) in Self.mandatory
        where !reading.index.contains(id) { found.append("missing \(name)") }
        if reading.index.contains(.via) {
            if let via = reading.topVia(bytes) {
                if via.branch.isEmpty { found.append("missing branch") }
            } else {
                found.append("malformed Via")
            }
        }
        if reading.index.contains(.from) {
            if let from = reading.address(.from, bytes) {
                if from.tag.isEmpty { found.append("missing From tag") }
            } else {
                found.append("malformed From")
            }
        }
        if reading.index.contains(.to), reading.address(.to, bytes) == nil { found.append("malformed To") }
        if reading.index.contains(.cSeq) {
            if let cSeq = reading.cSeq(bytes) {
                if reading.isRequest, !bytes.equals(cSeq.methodRange, bytes, reading.index.methodRange) {
                    found.append("CSeq method differs")
                }
            } else {
                found.append("malformed CSeq")
            }
        }
        if reading.isRequest, !reading.index.contains(.maxForwards) { found.append("missing Max-Forwards") }
        let behind = bytes.count - reading.index.bodyStart
        if reading.index.contains(.contentLength) {
            if let length = (try? reading.index.contentLength(bytes)) ?? nil {
                if length > behind { found.append("Content-Length \(length), only \(behind) bytes follow") }
            } else {
                found.append("malformed Content-Length")
            }
        }
        return found
    }

    private static func sentence(_ defect: MessageIndex.Defect) -> String {
        switch defect {
        case .lineWithoutColon: "a header line without colon"
        case .headerName: "a malformed header name"
        case .requestURI: "a malformed Request-URI"
        case .version: "a version that is not SIP/2.0"
        case .statusCode: "a malformed status code"
        case .noBlankLine: "no empty line after the headers"
        }
    }
}
