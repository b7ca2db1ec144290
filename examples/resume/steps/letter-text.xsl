<?xml version="1.0" encoding="UTF-8"?>
<!-- Reads the application.  Writes the letter as plain text. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/application">
    <xsl:for-each select="header/name | header/city | header/phone | header/email">
      <xsl:value-of select="concat(., '&#10;')"/>
    </xsl:for-each>
    <xsl:text>&#10;</xsl:text>
    <xsl:apply-templates select="letter"/>
  </xsl:template>

  <xsl:template match="letter">
    <xsl:for-each select="to"><xsl:value-of select="concat(., '&#10;')"/></xsl:for-each>
    <xsl:if test="@date != ''"><xsl:value-of select="concat('&#10;', @date, '&#10;')"/></xsl:if>
    <xsl:value-of select="concat('&#10;', subject, '&#10;&#10;', greeting, '&#10;&#10;')"/>
    <xsl:for-each select="paragraph"><xsl:value-of select="concat(., '&#10;&#10;')"/></xsl:for-each>
    <xsl:value-of select="concat('Kind regards,&#10;', signature, '&#10;')"/>
  </xsl:template>
</xsl:stylesheet>
