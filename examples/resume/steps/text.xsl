<?xml version="1.0" encoding="UTF-8"?>
<!--
  Included by the steps that match keywords: how text is made comparable.  Lower case, and
  punctuation turned to spaces:

    concat(' ', normalize-space(translate($text, $from, $to)), ' ')
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:variable name="from">ABCDEFGHIJKLMNOPQRSTUVWXYZ.,;:!?()/-"'</xsl:variable>
  <xsl:variable name="to"  >abcdefghijklmnopqrstuvwxyz            </xsl:variable>
</xsl:stylesheet>
