import SIPKit

extension FunctionBodies {
    /// `allow_source_address("1")`: whether the sender's address and port are in a group of the table of addresses.
    static let allowSourceAddress = Body(
        { arguments, context in
            context.askForGroup(arguments.count > 0 ? arguments.text(0) : [UInt8(ascii: "1")])
        },
        resume: { _, answer, context in
            let source = context.peer.address
            return context.isInGroup(source.ip.unmapped, source.port, answer)
        })

    /// `allow_address("1", "192.0.2.7", "5060")`: the same for any address.
    static let allowAddress = Body(
        { arguments, context in context.askForGroup(arguments.text(0)) },
        resume: { arguments, answer, context in
            let address = arguments.text(1)
            let port = arguments.text(2)
            guard let ip = IPAddress(parsing: address.span, ByteRange(0, address.count)),
                let number = ASCII.number(port.span, ByteRange(0, port.count), limit: 65_535)
            else { return .no }
            return context.isInGroup(ip.unmapped, UInt16(number), answer)
        })
}

extension RouteContext {
    fileprivate mutating func askForGroup(_ group: [UInt8]) -> FunctionResult {
        let settings = self.shared.persistence.settings.trusted
        guard settings.hasURL, self.shared.persistence.hasDatabase else { return .no }
        self.question = .rows(
            TableQuery(
                table: settings.addressTable, columns: ["ip_addr", "mask", "port"].map { Array($0.utf8) },
                matching: [ColumnValue(column: Array("grp".utf8), value: group)]))
        return .ask
    }

    /// Port 0 in the table is any.
    fileprivate func isInGroup(_ ip: IPAddress, _ port: UInt16, _ answer: Answer) -> FunctionResult {
        guard case .rows(let rows) = answer else { return .no }
        for row in rows where row.count == 3 {
            let text = row[2]
            let wanted = ASCII.number(text.span, ByteRange(0, text.count), limit: 65_535) ?? 0
            guard wanted == 0 || wanted == port else { continue }
            if let prefix = NetworkPrefix("\(Printable.text(row[0]))/\(Printable.text(row[1]))"),
                prefix.contains(ip)
            {
                return .yes
            }
        }
        return .no
    }
}
