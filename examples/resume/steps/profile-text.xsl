<?xml version="1.0" encoding="UTF-8"?>
<!--
  Reads the profile (main document).  Writes one line for each text and attribute: line
  number, "published" or "withheld", path and text, separated by tabs.  Published is what the
  select and write steps may copy.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:saxon="http://icl.com/saxon">
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/profile">
    <xsl:apply-templates select="//text()[normalize-space()] | //@*"/>
  </xsl:template>

  <xsl:template match="text() | @*">
    <xsl:value-of select="concat(saxon:line-number(..), '&#9;')"/>
    <xsl:choose>
      <xsl:when test="ancestor::*[parent::profile][self::contact or self::summary or
                      self::experiences or self::skills or self::projects or self::education or
                      self::languages or self::letter]">published</xsl:when>
      <xsl:otherwise>withheld</xsl:otherwise>
    </xsl:choose>
    <xsl:text>&#9;</xsl:text>
    <xsl:for-each select="ancestor::*[ancestor::profile]">
      <xsl:if test="position() > 1">/</xsl:if>
      <xsl:value-of select="name()"/>
    </xsl:for-each>
    <xsl:if test="count(. | ../@*) = count(../@*)">/@<xsl:value-of select="name()"/></xsl:if>
    <xsl:value-of select="concat('&#9;', normalize-space(), '&#10;')"/>
  </xsl:template>
</xsl:stylesheet>
