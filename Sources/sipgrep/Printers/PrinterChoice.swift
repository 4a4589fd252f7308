import Glibc

/// From the settings to the printer.
enum PrinterChoice {
    static func printer(
        _ settings: Settings, _ names: NameTable? = nil, _ highlight: Highlight? = nil
    ) -> any MessagePrinter {
        let header = HeaderLine(settings)
        let other = settings.replacement
        if settings.isHexDump { return HexPrinter(header: header, other: other) }
        switch settings.form {
        case .classic: return ClassicPrinter(header: header, other: other, highlight: highlight)
        case .byline: return BylinePrinter(header: header, other: other, highlight: highlight)
        case .single:
            return OneLinePrinter(header: header, other: other, highlight: highlight, joinsHeader: true)
        case .none:
            return OneLinePrinter(header: header, other: other, highlight: highlight, joinsHeader: false)
        case .normal:
            return RowPrinter(
                header: header, other: other, width: Swift.max(1, (settings.columns ?? Self.terminalWidth) - 5))
        case .raw: return RawPrinter()
        case .brief: return BriefPrinter(names: names, isColoured: settings.isColoured)
        case .json: return JSONPrinter(addsRaw: settings.addsRaw)
        case .csv: return ColumnPrinter(style: .csv, columns: settings.fieldColumns)
        case .flow: return FlowPrinter(settings.flow, isWide: settings.isWide, names: names)
        case .report: return ReportPrinter(settings.report, maximumDialogs: settings.maximumDialogs, names: names)
        case .stats: return StatisticsPrinter(interval: settings.statisticsInterval)
        case .diff: return DiffPrinter(settings.compared)
        case .fields: return ColumnPrinter(style: .tabs, columns: settings.fieldColumns)
        }
    }

    /// The terminal's width, else 80.
    private static var terminalWidth: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 10 else { return 80 }
        return Int(size.ws_col)
    }
}
