<?xml version="1.0" encoding="UTF-8"?>
<!-- Reads the profile (main document).  Writes its degrees, latest first, and languages. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>

  <xsl:template match="/profile">
    <education>
      <xsl:for-each select="education/degree">
        <xsl:sort select="@from" order="descending"/>
        <degree from="{@from}" to="{@to}">
          <xsl:copy-of select="title | school | note"/>
        </degree>
      </xsl:for-each>
      <xsl:for-each select="languages/language">
        <language level="{@level}"><xsl:value-of select="."/></language>
      </xsl:for-each>
    </education>
  </xsl:template>
</xsl:stylesheet>
